//! One contract, four databases: SQLite in memory, SQLite in a file, Postgres, and Postgres with
//! tables that are split by the hash of the entity's id.
//!
//! The Postgres half runs on the server that `DATABASE_URL` names; `./test` starts one.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod actors;
mod batches;
mod bulk;
mod bulk_autos;
mod bulk_chunks;
mod bulk_counters;
mod bulk_races;
mod child;
mod connections;
mod constraints;
mod contract;
mod counters;
mod crashes;
mod data_indexes;
mod database;
mod entities;
mod expecting;
mod feed;
mod fixtures;
mod fold;
mod history;
mod idempotency;
mod identity;
mod machines;
mod migration;
mod paths;
mod payloads;
mod processes;
mod proxy;
mod races;
mod schema_corruption;
mod schema_heads;
mod schema_plain;
mod schema_roles;
mod schema_rules;
mod schema_text;
mod schema_view;
mod search;
mod sequencer;
mod shipments;
mod snapshot_sharing;
mod snapshots;
mod state_index;
mod stopped;
mod together;
mod typed;
mod verify;
mod verify_schema;
mod walks;

/// Makes a test of each function, on each database.
macro_rules! on_every_database {
    ($($module:ident::$test:ident,)*) => {
        on_every_database!(@ sqlite_memory, $($module::$test,)*);
        on_every_database!(@ sqlite_file, $($module::$test,)*);
        on_every_database!(@ postgres, $($module::$test,)*);
        on_every_database!(@ postgres_partitioned, $($module::$test,)*);
    };
    (@ $kind:ident, $($module:ident::$test:ident,)*) => {
        mod $kind {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let database = crate::database::Database::$kind().await;
                    crate::$module::$test(&database).await;
                    database.remove().await;
                }
            )*
        }
    };
}

on_every_database! {
    contract::the_walk_of_the_readme,
    history::a_stream_goes_on_after_a_time_that_is_still_to_come,
    actors::no_cell_of_the_matrix_is_wrong,
    actors::a_role_is_asked_for_each_event_that_is_asked_for,
    actors::an_auto_transition_is_written_by_nobody,
    actors::who_did_it_in_which_roles_is_kept,
    actors::nothing_is_sent_for_a_wrong_actor,
    actors::a_handle_survives_a_wrong_actor,
    identity::what_is_created_has_a_name_of_its_machine,
    identity::a_creation_that_is_refused_burns_no_number,
    identity::a_repeat_returns_the_entity_that_was_created,
    identity::an_id_that_no_counter_gave_begins_nothing,
    counters::many_create_at_once,
    counters::one_creation_for_many_tries_at_once,
    counters::creations_and_appends_in_one,
    counters::two_counters_do_not_share_numbers,
    counters::to_count_is_decided_before_the_first_entity,
    counters::an_answer_that_is_lost_creates_once,
    counters::the_writer_counts_and_nobody_counts_back,
    contract::every_illegal_step_of_the_walk_is_refused,
    contract::an_auto_transition_is_part_of_the_append,
    contract::an_auto_transition_takes_its_fields_from_its_cause,
    contract::a_missing_field_is_told_before_the_transition,
    contract::a_rejected_append_leaves_no_trace,
    contract::several_entities_are_written_together_or_not_at_all,
    contract::an_expected_sequence_must_be_the_actual_one,
    history::metadata_is_kept,
    history::history_is_read_in_parts,
    history::pages_of_a_stream_meet,
    history::metadata_of_others_is_read,
    history::what_is_not_there_is_none,
    contract::an_entity_may_be_named_again,
    payloads::a_number_comes_back_as_it_was,
    payloads::a_repeat_with_numbers_is_a_repeat,
    payloads::what_cannot_be_read_back_is_not_stored,
    payloads::a_text_that_one_database_refuses_none_takes,
    payloads::payload_structs_that_do_not_fit_are_refused,
    idempotency::a_repeat_returns_what_was_stored,
    idempotency::a_repeat_of_another_request_is_refused,
    idempotency::a_repeat_answers_with_auto_transitions_too,
    idempotency::one_of_many_simultaneous_tries_is_stored,
    idempotency::one_key_on_two_new_entities_is_stored_once,
    idempotency::one_key_twice_at_once_is_not_the_others_fault,
    idempotency::one_of_many_programs_tries_is_stored,
    races::one_winner_for_each_sequence,
    races::one_first_event,
    races::one_first_event_without_expectation,
    races::nothing_is_lost_without_expectation,
    races::a_lock_that_is_held_does_not_stop_the_others,
    races::appends_to_the_same_entities_never_wait_in_a_circle,
    expecting::who_reads_again_stores_in_the_end,
    expecting::who_was_behind_hears_it_without_a_statement,
    expecting::a_repeat_behind_a_newer_head_is_a_repeat,
    expecting::a_lost_answer_is_no_conflict,
    batches::first_events_and_others_share_a_transaction,
    batches::each_entity_begins_once,
    batches::a_runtime_that_ends_takes_nobody_along,
    together::one_callers_refusal_is_not_anothers,
    together::a_row_that_the_database_refuses_is_not_the_others_fault,
    together::appends_at_the_same_time_share_transactions,
    together::who_waits_for_a_row_waits_alone,
    together::an_append_that_was_given_up_is_not_sent_later,
    together::a_lost_answer_is_found,
    together::nothing_is_lost_or_repeated_when_the_server_hangs_up,
    fold::the_latest_value_of_each_field,
    fold::every_point_in_the_past,
    fold::several_fields_feed_one,
    fold::a_long_history_is_read_in_parts,
    snapshots::a_long_history_is_read_once,
    snapshots::what_is_kept_is_what_the_events_give,
    snapshots::a_point_in_the_past_takes_no_later_snapshot,
    snapshots::a_snapshot_that_is_none_is_replaced,
    snapshots::another_version_is_another_fold,
    snapshots::a_snapshot_of_events_that_are_gone_counts_for_nothing,
    snapshot_sharing::a_slower_reader_takes_nothing_back,
    snapshot_sharing::programs_that_keep_at_the_same_time,
    snapshot_sharing::forgotten_are_those_of_one_fold,
    snapshot_sharing::who_may_not_write_goes_without,
    snapshot_sharing::a_database_of_old_goes_without_until_it_is_migrated,
    snapshots::one_query_reads_it_all,
    snapshots::data_is_kept,
    snapshots::another_form_of_payloads_is_another_fold,
    entities::a_search_agrees_with_a_fold,
    entities::pages_of_entities,
    entities::a_page_that_is_empty_is_counted,
    state_index::a_search_is_the_same_with_an_index,
    state_index::a_change_of_rules_brings_the_index,
    state_index::many_make_the_index_at_once,
    entities::a_search_that_makes_no_sense_is_refused,
    search::a_search_that_does_not_count,
    paths::all_ways_end_alike,
    paths::an_expectation_holds_among_others,
    paths::a_refusal_among_others_is_true,
    paths::what_waits_for_an_entity_travels_together,
    paths::what_asks_at_once_is_one_transaction,
    paths::a_row_that_is_refused_does_not_stop_those_behind_it,
    search::filters,
    search::pages_and_orders,
    migration::migrating_again_changes_nothing,
    migration::an_unmigrated_database_says_so,
    migration::a_changed_machine_is_drift_until_it_is_migrated,
    migration::reordering_the_enum_keeps_what_is_stored,
    migration::rules_that_stored_events_break_are_refused,
    migration::an_older_program_cannot_take_the_rules_back,
    migration::a_running_program_notices_that_the_rules_have_changed,
    migration::a_field_may_stop_being_required,
    migration::what_others_put_on_the_log_survives,
    migration::a_schema_has_one_feed_strategy,
    migration::many_migrate_at_once,
    migration::many_change_the_rules_at_once,
    migration::many_migrate_at_once_under_another_isolation,
    migration::two_machines_share_a_database,
    constraints::the_log_is_append_only,
    constraints::a_missing_field_is_refused,
    walks::what_the_machine_allows_is_stored,
    walks::what_it_does_not_is_refused_where_it_is_illegal,
    typed::a_chain_is_stored_as_one,
    typed::a_loaded_handle_is_narrowed,
    typed::a_lost_race_is_a_conflict_and_keeps_the_handle,
    typed::a_failed_append_may_be_tried_again,
    typed::a_repeat_elsewhere_does_not_vouch_for_the_type,
    typed::nothing_pending_asks_nothing,
    feed::pages_in_one_order_over_all_machines,
    feed::a_feed_that_nobody_has_written_is_empty,
    feed::what_is_rolled_back_leaves_no_gap,
    feed::a_follower_gets_history_and_then_what_comes,
    feed::a_follower_hears_of_another_process,
    feed::every_reader_sees_each_event_once_and_in_order,
    feed::the_feed_is_append_only,
    sequencer::an_open_transaction_holds_back_its_own_events_only,
    sequencer::a_stream_is_in_order_whoever_began_first,
    feed::a_changed_machine_keeps_its_place,
    sequencer::two_sequencers_never_fork,
    sequencer::a_sequencer_that_is_killed_is_taken_over_from,
    sequencer::a_sequencer_that_is_stopped_is_taken_over_from,
    sequencer::a_machine_that_comes_later_is_not_missed,
    sequencer::a_sequencer_gives_positions_until_it_is_stopped,
    sequencer::a_restored_database_goes_on,
    sequencer::a_batch_is_told_once,
    sequencer::a_backlog_takes_several_batches,
    sequencer::a_sequencer_of_old_learns_to_pause,
    feed::a_caller_that_gives_up_loses_nothing,
    constraints::what_plain_sql_stores_legally_is_a_history,
    schema_rules::the_task_machine,
    schema_rules::random_machines,
    schema_corruption::what_a_row_may_not_be,
    schema_corruption::what_a_head_may_not_be,
    schema_corruption::what_the_program_may_not_do,
    schema_corruption::what_the_owner_does_by_mistake,
    schema_heads::events_of_one_statement_take_their_heads_along,
    schema_heads::a_chain_that_breaks_within_a_statement_is_refused,
    schema_heads::nobody_borrows_what_moves_the_heads,
    schema_heads::heads_are_found_by_their_key,
    schema_heads::an_event_for_a_partition_takes_its_head_along,
    schema_heads::without_triggers_the_statement_moves_the_heads,
    schema_roles::the_program_needs_no_more_than_the_writers_rights,
    schema_roles::the_reader_reads,
    schema_roles::the_reader_reads_the_feed,
    schema_roles::the_writer_of_one_machine_reads_the_feed_of_all,
    schema_roles::who_is_read_only_reads_the_feed,
    schema_roles::only_the_owner_migrates,
    schema_roles::a_role_that_is_not_there_is_named,
    schema_text::the_text_by_hand_is_the_migration,
    schema_text::a_change_by_hand_is_the_migration,
    schema_text::a_change_that_history_breaks_leaves_nothing_behind,
    schema_text::a_text_for_another_database_is_refused,
    schema_text::every_unique_key_has_the_entity,
    schema_view::entities_with_their_data,
    schema_view::names_and_typed_columns,
    schema_view::views_follow_what_feeds_the_data,
    schema_view::a_changed_machine_has_another_view,
    bulk::what_goes_out_comes_back_the_same,
    bulk::an_import_goes_on_where_an_entity_stands,
    bulk::the_first_illegal_event_is_named_and_nothing_is_stored,
    bulk::an_auto_transition_is_not_added_but_missed,
    bulk::an_event_id_is_taken_once,
    bulk::a_past_before_the_epoch_is_a_past,
    bulk::a_report_has_all_that_is_illegal,
    bulk::a_line_is_an_event_and_nothing_else,
    bulk_autos::what_follows_by_itself_may_not_be_missing,
    bulk_autos::what_is_due_is_due_until_it_comes,
    bulk_chunks::an_import_in_chunks_stores_the_same,
    bulk_chunks::a_chunk_that_failed_is_told_and_gone_on_from,
    bulk_chunks::an_import_that_is_dropped_is_gone_on_from,
    bulk_chunks::a_lost_connection_is_gone_on_from,
    bulk_chunks::no_chunk_ends_before_what_follows_by_itself,
    bulk_chunks::others_may_append_between_chunks,
    bulk_chunks::what_is_stored_is_known_by_its_id,
    bulk_chunks::what_cannot_be_known_again_is_refused,
    bulk_counters::a_counter_goes_on_after_an_import,
    bulk_counters::an_id_without_a_number_is_not_imported,
    bulk_counters::who_creates_during_an_import_comes_after,
    bulk_counters::creations_race_an_import,
    bulk_counters::a_circle_with_a_creation_is_broken,
    bulk_races::an_import_waits_for_another_of_the_same_entity,
    bulk_races::who_appends_meanwhile_comes_after,
    bulk_races::one_of_two_imports_is_stored,
    bulk_races::who_imports_alone_leaves_the_tables_as_they_were,
    bulk_races::only_the_owner_imports_alone,
    data_indexes::a_search_by_data_takes_its_index,
    data_indexes::an_index_may_come_later,
    data_indexes::an_index_follows_the_rules,
    data_indexes::an_index_by_hand_is_that_of_the_migration,
    verify::what_the_store_has_made_is_sound,
    verify::what_was_done_to_the_history_is_named,
    verify_schema::what_was_done_to_the_tables_is_named,
    verify_schema::what_is_switched_off_is_named,
    verify_schema::what_migrations_have_made_is_what_one_would_make,
}

// What has to do with the feed, where that is by an outbox.
on_every_database! {
    @ postgres_outbox,
    feed::pages_in_one_order_over_all_machines,
    feed::a_feed_that_nobody_has_written_is_empty,
    feed::what_is_rolled_back_leaves_no_gap,
    feed::a_follower_gets_history_and_then_what_comes,
    feed::a_follower_hears_of_another_process,
    feed::every_reader_sees_each_event_once_and_in_order,
    feed::the_feed_is_append_only,
    feed::a_changed_machine_keeps_its_place,
    feed::a_caller_that_gives_up_loses_nothing,
    sequencer::an_open_transaction_holds_back_its_own_events_only,
    sequencer::a_stream_is_in_order_whoever_began_first,
    sequencer::two_sequencers_never_fork,
    sequencer::a_sequencer_that_is_killed_is_taken_over_from,
    sequencer::a_sequencer_that_is_stopped_is_taken_over_from,
    sequencer::a_machine_that_comes_later_is_not_missed,
    sequencer::a_sequencer_gives_positions_until_it_is_stopped,
    sequencer::a_restored_database_goes_on,
    sequencer::a_batch_is_told_once,
    sequencer::a_backlog_takes_several_batches,
    sequencer::a_sequencer_of_old_learns_to_pause,
    bulk_races::who_appends_meanwhile_comes_after,
    bulk_races::one_of_two_imports_is_stored,
    bulk_races::who_imports_alone_leaves_the_tables_as_they_were,
    bulk_races::only_the_owner_imports_alone,
    schema_roles::the_program_needs_no_more_than_the_writers_rights,
    schema_roles::the_reader_reads,
    schema_roles::the_reader_reads_the_feed,
    schema_roles::the_writer_of_one_machine_reads_the_feed_of_all,
    schema_roles::who_is_read_only_reads_the_feed,
    schema_roles::only_the_owner_migrates,
    schema_roles::a_role_that_is_not_there_is_named,
    bulk::what_goes_out_comes_back_the_same,
    bulk::an_import_goes_on_where_an_entity_stands,
    bulk::the_first_illegal_event_is_named_and_nothing_is_stored,
    bulk::an_auto_transition_is_not_added_but_missed,
    bulk::an_event_id_is_taken_once,
    bulk::a_report_has_all_that_is_illegal,
    bulk::a_line_is_an_event_and_nothing_else,
    idempotency::a_repeat_returns_what_was_stored,
    idempotency::a_repeat_of_another_request_is_refused,
    idempotency::a_repeat_answers_with_auto_transitions_too,
    idempotency::one_of_many_simultaneous_tries_is_stored,
    idempotency::one_key_on_two_new_entities_is_stored_once,
    schema_corruption::what_a_row_may_not_be,
    schema_corruption::what_a_head_may_not_be,
    schema_corruption::what_the_program_may_not_do,
    schema_corruption::what_the_owner_does_by_mistake,
    schema_heads::events_of_one_statement_take_their_heads_along,
    schema_heads::a_chain_that_breaks_within_a_statement_is_refused,
    schema_heads::nobody_borrows_what_moves_the_heads,
    schema_heads::heads_are_found_by_their_key,
    schema_heads::an_event_for_a_partition_takes_its_head_along,
    schema_heads::without_triggers_the_statement_moves_the_heads,
    contract::the_walk_of_the_readme,
    constraints::what_plain_sql_stores_legally_is_a_history,
    schema_text::the_text_by_hand_is_the_migration,
    schema_text::a_change_by_hand_is_the_migration,
    migration::a_schema_has_one_feed_strategy,
    migration::many_migrate_at_once,
    state_index::a_search_is_the_same_with_an_index,
    migration::a_changed_machine_is_drift_until_it_is_migrated,
    verify::what_the_store_has_made_is_sound,
    verify::what_was_done_to_the_history_is_named,
    verify_schema::what_was_done_to_the_tables_is_named,
    verify_schema::what_is_switched_off_is_named,
    verify_schema::what_migrations_have_made_is_what_one_would_make,
    snapshots::what_is_kept_is_what_the_events_give,
    snapshot_sharing::a_database_of_old_goes_without_until_it_is_migrated,
    snapshot_sharing::who_may_not_write_goes_without,
}
