//! Tables of forged calls.

/// Arguments that differ from those of a right call, and what comes of it: the SQLSTATE of an error,
/// or the number of events that it stored.
///
/// `A` and `B` are entities (started tasks, or with one event), `NEW` is the id of nothing. `EVENT`,
/// `NEXT` and `OTHER` are new ids of events, `NEXT` the one of an auto transition after `EVENT`; `OF_A`
/// and `OF_B` are those of the last events of both, and `BEFORE_OF_A` differs from it in the last byte.
pub type Forged = (&'static str, &'static str);

/// Right arguments of `task_append_one`: `A` is revised.
pub const ONE: &str =
    "entity_id => 'A'; event_type => 6::smallint; event_id => 'EVENT'; expected_seq => 4;
    data => '{}'; metadata => '{}'; idempotency_key => NULL; unknown_types => 0";

pub const FORGED_ONE: &[Forged] = &[
    ("", "1 stored"),
    ("entity_id => NULL", "0 stored"),
    (
        "entity_id => NULL; event_type => 0::smallint; expected_seq => NULL",
        "23502",
    ),
    ("entity_id => 'NEW'", "0 stored"),
    ("entity_id => 'NEW'; expected_seq => NULL", "0 stored"),
    (
        "entity_id => 'NEW'; event_type => 0::smallint; expected_seq => 0",
        "1 stored",
    ),
    ("event_type => NULL", "0 stored"),
    ("event_type => (-1)::smallint", "0 stored"),
    ("event_type => 10::smallint", "0 stored"),
    ("event_type => 63::smallint", "0 stored"),
    ("event_type => 64::smallint", "0 stored"),
    ("event_type => 0::smallint", "0 stored"),
    ("event_type => 9::smallint", "0 stored"),
    ("event_type => 0::smallint; expected_seq => 0", "0 stored"),
    ("event_id => NULL", "23502"),
    ("event_id => 'OF_A'", "23505"),
    ("event_id => 'OF_B'", "1 stored"),
    ("expected_seq => -1", "0 stored"),
    ("expected_seq => 3", "0 stored"),
    ("expected_seq => 2147483647", "0 stored"),
    ("expected_seq => NULL", "1 stored"),
    ("data => NULL", "23502"),
    ("data => 'no JSON'", "22P02"),
    ("data => '[]'", "23514"),
    ("data => 'null'", "23514"),
    ("data => '7'", "23514"),
    ("data => '{\"a\": \"\\u0000\"}'", "22P05"),
    ("data => '{\"a\": \"\\ud83d\"}'", "22P02"),
    ("data => repeat('[', 100000)", "54001"),
    ("event_type => 4::smallint", "0 stored"),
    (
        "event_type => 4::smallint; data => '{\"assignee\": null}'",
        "0 stored",
    ),
    (
        "event_type => 4::smallint; data => '[\"assignee\"]'",
        "0 stored",
    ),
    ("event_type => 4::smallint; data => 'no JSON'", "22P02"),
    ("metadata => NULL", "23502"),
    ("metadata => 'no JSON'", "22P02"),
    ("metadata => '[]'", "23514"),
    ("metadata => '{\"actor\": 7}'", "23514"),
    ("metadata => '{\"roles\": [7]}'", "23514"),
    ("idempotency_key => 'k'", "0 stored"),
    ("idempotency_key => ''", "1 stored"),
    (
        "idempotency_key => random()::text || repeat(md5(random()::text), 1000)",
        "1 stored",
    ),
    (
        "idempotency_key => (SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 1000))",
        "54000",
    ),
    ("unknown_types => NULL", "1 stored"),
    ("unknown_types => -1", "0 stored"),
    // An auto transition follows: for the other function.
    ("event_type => 8::smallint", "0 stored"),
];

/// Right arguments of `task_append_each`: `A` and `B` are revised.
pub const EACH: &str =
    "entity_ids => '{A, B}'; event_types => '{6, 6}'; event_ids => '{EVENT, OTHER}';
    expected_seqs => '{4, NULL}'; payloads => ARRAY['{}', '{}']; metadata => ARRAY['{}', '{}'];
    unknown_types => 0";

pub const FORGED_EACH: &[Forged] = &[
    ("", "2 stored"),
    ("entity_ids => NULL", "0 stored"),
    ("entity_ids => '{}'", "0 stored"),
    ("entity_ids => '{A}'", "1 stored"),
    ("entity_ids => '{A, A}'", "23505"),
    ("entity_ids => '{A, NULL}'", "1 stored"),
    ("entity_ids => '{{A, B}}'", "2 stored"),
    ("entity_ids => '[0:1]={A, B}'", "2 stored"),
    ("entity_ids => '{A, NEW}'", "1 stored"),
    (
        "entity_ids => '{A, NEW}'; event_types => '{6, 0}'",
        "2 stored",
    ),
    (
        "entity_ids => '{NEW, NEW}'; event_types => '{0, 0}'; expected_seqs => NULL",
        "23505",
    ),
    ("event_types => NULL", "0 stored"),
    ("event_types => '{6}'", "1 stored"),
    ("event_types => '{6, 6, 6}'", "2 stored"),
    ("event_types => '{-1, 64}'", "0 stored"),
    ("event_types => '{0, 9}'", "0 stored"),
    ("event_types => '{6, 8}'", "1 stored"),
    ("event_types => '{4, 6}'", "1 stored"),
    ("event_ids => NULL", "23502"),
    ("event_ids => '{EVENT, EVENT}'", "2 stored"),
    ("event_ids => '{OF_A, OTHER}'", "23505"),
    ("expected_seqs => NULL", "2 stored"),
    ("expected_seqs => '{3, 5}'", "0 stored"),
    ("expected_seqs => '{-1, 2147483647}'", "0 stored"),
    ("payloads => NULL", "23502"),
    ("payloads => ARRAY['{}', 'no JSON']", "22P02"),
    ("payloads => ARRAY['{}', '[]']", "23514"),
    ("metadata => NULL", "23502"),
    ("metadata => ARRAY['{}', '{\"actor\": 7}']", "23514"),
    ("unknown_types => NULL", "2 stored"),
    ("unknown_types => 8", "0 stored"),
];

/// Right arguments of `task_append_batch`: two requests, which revise both tasks.
pub const BATCH: &str =
    "entity_ids => '{A, B}'; event_requests => '{1, 2}'; event_entities => '{1, 2}';
    event_types => '{6, 6}'; event_ids => '{EVENT, OTHER}'; expected_seqs => '{4, 4}';
    payloads => '{\"{}\", \"{}\"}'; carried => NULL; metadata => '{\"{}\", \"{}\"}';
    keys => '{NULL, NULL}'; waits => true; unknown_types => 0";

pub const FORGED_BATCH: &[Forged] = &[
    ("", "2 stored"),
    ("waits => NULL", "2 stored"),
    ("unknown_types => NULL", "2 stored"),
    ("unknown_types => -1", "0 stored"),
    ("waits => false", "2 stored"),
    // Arrays that are not there, are too short or too long, or begin elsewhere.
    ("entity_ids => NULL", "22004"),
    ("event_requests => NULL", "0 stored"),
    ("event_entities => NULL", "0 stored"),
    ("event_types => NULL", "0 stored"),
    ("event_ids => NULL", "23502"),
    ("expected_seqs => NULL", "2 stored"),
    ("payloads => NULL", "23502"),
    ("metadata => NULL", "22004"),
    ("keys => NULL", "2 stored"),
    ("entity_ids => '{}'", "0 stored"),
    ("event_requests => '{}'", "0 stored"),
    ("event_entities => '{}'", "0 stored"),
    ("event_types => '{}'", "0 stored"),
    ("event_ids => '{}'", "23502"),
    ("expected_seqs => '{}'", "2 stored"),
    ("payloads => '{}'", "23502"),
    ("metadata => '{}'", "0 stored"),
    ("keys => '{}'", "2 stored"),
    ("entity_ids => '{A}'", "1 stored"),
    ("entity_ids => '{A, B, NEW}'", "2 stored"),
    ("entity_ids => '{A, NULL}'", "1 stored"),
    (
        "entity_ids => '{NULL, NULL}'; event_types => '{0, 0}'; expected_seqs => '{0, 0}'",
        "23502",
    ),
    ("entity_ids => '{{A, B}}'", "EV009"),
    ("entity_ids => '[0:1]={A, B}'", "EV009"),
    ("entity_ids => '[2:3]={A, B}'", "EV009"),
    (
        "entity_ids => '[2:3]={A, B}'; event_entities => '{2, 2}'",
        "EV009",
    ),
    (
        "entity_ids => '[2:3]={A, B}'; event_requests => '{1}'; event_entities => '{2}'; event_types => '{6}'; event_ids => '{EVENT}'; expected_seqs => '{4}'; payloads => '{\"{}\"}'; metadata => '{\"{}\"}'",
        "EV009",
    ),
    ("event_requests => '[0:1]={1, 2}'", "1 stored"),
    ("event_entities => '[0:1]={1, 2}'", "1 stored"),
    ("event_types => '[0:1]={6, 6}'", "1 stored"),
    ("event_types => '[2:3]={6, 6}'", "1 stored"),
    ("event_ids => '[2:3]={EVENT, OTHER}'", "23502"),
    ("payloads => '[2:3]={\"{}\", \"{}\"}'", "23502"),
    ("metadata => '[2:3]={\"{}\", \"{}\"}'", "23502"),
    ("keys => '[2:3]={a, b}'", "2 stored"),
    // An entity twice.
    ("entity_ids => '{A, A}'", "23505"),
    (
        "entity_ids => '{A, A}'; expected_seqs => '{4, 5}'",
        "1 stored",
    ),
    (
        "entity_ids => '{NEW, NEW}'; event_types => '{0, 0}'; expected_seqs => '{0, 0}'",
        "EV010",
    ),
    (
        "entity_ids => '{A, A}'; event_entities => '{2, 2}'; expected_seqs => '{4, 5}'",
        "2 stored",
    ),
    // Entities that there are not.
    ("event_entities => '{0, 2}'", "1 stored"),
    ("event_entities => '{-1, 2}'", "1 stored"),
    ("event_entities => '{3, 2}'", "1 stored"),
    (
        "event_entities => '{3, 2}'; expected_seqs => '{NULL, 4}'",
        "1 stored",
    ),
    ("event_entities => '{NULL, 2}'", "1 stored"),
    (
        "event_entities => '{NULL, 2}'; expected_seqs => '{NULL, 4}'",
        "1 stored",
    ),
    (
        "event_entities => '{2147483647, 2}'; expected_seqs => '{NULL, 4}'",
        "1 stored",
    ),
    // Requests in another order.
    ("event_requests => '{2, 1}'", "1 stored"),
    ("event_requests => '{1, 3}'", "1 stored"),
    ("event_requests => '{2, 2}'", "2 stored"),
    ("event_requests => '{1, 1}'", "2 stored"),
    ("event_requests => '{0, 1}'", "0 stored"),
    ("event_requests => '{-1, 2}'", "0 stored"),
    ("event_requests => '{NULL, 2}'", "0 stored"),
    (
        "event_requests => '{1, 1}'; keys => '{NULL, k2}'",
        "2 stored",
    ),
    // Event types.
    ("event_types => '{-1, 6}'", "1 stored"),
    ("event_types => '{10, 6}'", "1 stored"),
    ("event_types => '{64, 6}'", "1 stored"),
    ("event_types => '{NULL, 6}'", "1 stored"),
    ("event_types => '{0, 0}'", "0 stored"),
    ("event_types => '{9, 9}'", "0 stored"),
    // Ids of events.
    ("event_ids => '{NULL, NULL}'", "23502"),
    ("event_ids => '{OF_A, OTHER}'", "23505"),
    ("event_ids => '{OF_B, OF_A}'", "2 stored"),
    ("event_ids => '{EVENT, EVENT}'", "2 stored"),
    (
        "event_ids => '{EVENT, EVENT}'; event_entities => '{1, 1}'; expected_seqs => '{4, 5}'",
        "23505",
    ),
    // Sequences.
    ("expected_seqs => '{-1, -1}'", "0 stored"),
    ("expected_seqs => '{2147483647, -2147483648}'", "0 stored"),
    ("expected_seqs => '{NULL, NULL}'", "2 stored"),
    // Payloads.
    ("payloads => '{NULL, \"{}\"}'", "23502"),
    ("payloads => '{[], \"{}\"}'", "23514"),
    ("payloads => '{null, 7}'", "23502"),
    ("payloads => '{no, \"{}\"}'", "22P02"),
    ("event_types => '{4, 4}'", "0 stored"),
    (
        "event_types => '{4, 4}'; payloads => '{no, \"{}\"}'",
        "22P02",
    ),
    ("payloads => ARRAY['{\"a\": \"\\u0000\"}', '{}']", "22P05"),
    ("payloads => ARRAY[repeat('[', 100000), '{}']", "54001"),
    // Metadata.
    ("metadata => '{NULL, NULL}'", "23502"),
    ("metadata => '{[], \"{}\"}'", "23514"),
    ("metadata => '{no, \"{}\"}'", "22P02"),
    ("metadata => ARRAY['{\"actor\": 7}', '{}']", "23514"),
    ("metadata => '{\"{}\", \"{}\", \"{}\", \"{}\"}'", "2 stored"),
    ("metadata => '{\"{}\"}'", "1 stored"),
    // Keys.
    ("keys => '{k, k}'", "0 stored"),
    ("keys => '{new, new}'", "1 stored"),
    ("keys => '{\"\", NULL}'", "1 stored"),
    (
        "keys => ARRAY[NULL, (SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 1000))]",
        "54000",
    ),
    // Payloads of auto transitions.
    ("event_types => '{8, 8}'", "4 stored"),
    ("event_types => '{8, 8}'; carried => '{no, no}'", "22P02"),
    (
        "event_types => '{8, 8}'; carried => '{\"{}\", \"{}\"}'",
        "0 stored",
    ),
    (
        "event_types => '{8, 8}'; carried => ARRAY['{\"8\": {}}', '{\"9\": null}']",
        "0 stored",
    ),
    (
        "event_types => '{8, 8}'; carried => ARRAY['{\"9\": []}', '{\"9\": \"[]\"}']",
        "23514",
    ),
    (
        "event_types => '{8, 8}'; carried => ARRAY['{\"9\": {}}', '{\"9\": {\"a\": 1}}']",
        "4 stored",
    ),
    (
        "event_types => '{8, 8}'; carried => ARRAY['[]', '7']",
        "0 stored",
    ),
    ("event_types => '{8, 8}'; carried => '{}'", "4 stored"),
    (
        "event_types => '{8, 6}'; event_ids => '{EVENT, NEXT}'; event_entities => '{1, 2}'",
        "3 stored",
    ),
    (
        "event_types => '{8, 0}'; event_ids => '{EVENT, NEXT}'; entity_ids => '{A, NEW}'; expected_seqs => '{4, 0}'",
        "3 stored",
    ),
    (
        "event_types => '{8, 6}'; event_ids => '{BEFORE_OF_A, OTHER}'",
        "3 stored",
    ),
];

/// Right arguments of `task_append`: `A` is revised. `codes` has the others.
pub const BY_NAME: &str =
    "entity_id => 'A'; event_type => 'REVISED'; data => '{}'; expected_seq => 4;
    metadata => '{}'; idempotency_key => NULL";

pub const FORGED_BY_NAME: &[Forged] = &[
    ("", "1 stored"),
    ("data => NULL", "EV006"),
    ("metadata => NULL", "EV006"),
    ("event_type => NULL", "EV005"),
    (
        "entity_id => NULL; expected_seq => NULL; event_type => NULL; data => NULL; metadata => NULL",
        "EV005",
    ),
    ("entity_id => NULL", "EV002"),
    (
        "entity_id => NULL; expected_seq => NULL; event_type => 'CREATED'",
        "1 stored",
    ),
    (
        "entity_id => '00000000-0000-0000-0000-000000000000'; expected_seq => 0; event_type => 'CREATED'",
        "1 stored",
    ),
    ("idempotency_key => 'k'", "EV004"),
];

/// Right arguments of `note_append_batch`: a machine with an event that is legal in every state.
pub const NOTE_BATCH: &str =
    "entity_ids => '{A}'; event_requests => '{1}'; event_entities => '{1}';
    event_types => '{0}'; event_ids => '{EVENT}'; expected_seqs => NULL; payloads => '{\"{}\"}';
    carried => NULL; metadata => '{\"{}\"}'; keys => NULL; waits => true; unknown_types => 0";

pub const FORGED_NOTE_BATCH: &[Forged] = &[
    ("", "1 stored"),
    ("event_entities => '{2}'", "0 stored"),
    ("event_entities => '{0}'", "0 stored"),
    ("event_entities => '{-1}'", "0 stored"),
    ("event_entities => '{NULL}'", "0 stored"),
    ("event_entities => '{1000000000}'", "0 stored"),
    ("event_types => '{1}'", "0 stored"),
    (
        "event_entities => '{0, 1}'; event_requests => '{1, 1}'; event_types => '{0, 0}'; event_ids => '{EVENT, OTHER}'; payloads => '{\"{}\", \"{}\"}'",
        "0 stored",
    ),
    (
        "event_entities => '{1, 0}'; event_requests => '{1, 1}'; event_types => '{0, 0}'; event_ids => '{EVENT, OTHER}'; payloads => '{\"{}\", \"{}\"}'",
        "0 stored",
    ),
    (
        "event_entities => '{2, 1}'; event_requests => '{1, 1}'; event_types => '{0, 0}'; event_ids => '{EVENT, OTHER}'; payloads => '{\"{}\", \"{}\"}'",
        "0 stored",
    ),
    // The first request is refused at its second event, and takes the first back.
    (
        "event_entities => '{0, 0, 1}'; event_requests => '{1, 1, 2}'; event_types => '{0, 9, 0}'; event_ids => '{EVENT, EVENT, OTHER}'; payloads => '{\"{}\", \"{}\", \"{}\"}'; metadata => '{\"{}\", \"{}\"}'",
        "1 stored",
    ),
];

/// Right arguments of `shipment_append_batch`: two shipments, for the counter to name.
pub const SHIPMENT_BATCH: &str = "entity_ids => '{NULL, NULL}'; event_requests => '{1, 2}'; event_entities => '{1, 2}';
    event_types => '{0, 0}'; event_ids => '{EVENT, OTHER}'; expected_seqs => NULL; payloads => '{\"{}\", \"{}\"}';
    carried => NULL; metadata => '{\"{}\", \"{}\"}'; keys => NULL; waits => true; unknown_types => 0";

pub const FORGED_SHIPMENT_BATCH: &[Forged] = &[
    ("", "2 stored"),
    (
        "entity_ids => '{00000000-0000-8000-8000-000000000100, NEW}'",
        "0 stored",
    ),
    (
        "entity_ids => '{NULL}'; event_entities => '{1, 1}'; event_types => '{0, 1}'",
        "2 stored",
    ),
    (
        "entity_ids => '{NULL}'; event_entities => '{1, 1}'",
        "1 stored",
    ),
    (
        "entity_ids => '{NULL, NULL}'; event_entities => '{1, 9}'",
        "1 stored",
    ),
    (
        "entity_ids => '{NULL, NULL}'; event_entities => '{0, -1}'",
        "0 stored",
    ),
    ("entity_ids => '[0:1]={NULL, NULL}'", "EV009"),
    ("entity_ids => '{{NULL, NULL}}'", "EV009"),
    ("event_types => '{1, 0}'", "1 stored"),
    ("event_types => '{0, 1}'", "1 stored"),
    ("event_ids => '{EVENT, EVENT}'", "2 stored"),
    ("event_ids => '{OF_A, OF_B}'", "0 stored"),
    ("expected_seqs => '{1, -1}'", "0 stored"),
    ("metadata => '{[], \"{}\"}'", "23514"),
];
