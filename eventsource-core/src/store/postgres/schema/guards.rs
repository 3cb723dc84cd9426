//! Triggers for what a constraint cannot say: that nothing is taken back, and that a head is the
//! last event and not one before it.
//!
//! A history that the rules forbid is refused by the constraints alone.

use super::super::sql::APPEND_ONLY;
use super::tables::partition_names;
use crate::store::names::{Names, quoted};
use crate::store::schema::SchemaOptions;

pub(super) fn create(names: &Names, options: &SchemaOptions) -> String {
    let refuse = names.qualified(APPEND_ONLY);
    let (append_only, keeps_heads) = (names.of_log("append_only"), names.of_log("keeps_heads"));
    // A statement that names a partition does not start the triggers of the whole.
    let mut nothing_back = String::new();
    for (trigger, what, table) in partition_names(names, options, names.log_unquoted())
        .chain([names.log()])
        .map(|table| (&append_only, "UPDATE OR DELETE OR TRUNCATE", table))
        .chain(
            partition_names(names, options, names.entity().to_owned())
                .chain([names.heads()])
                .map(|table| (&keeps_heads, "DELETE OR TRUNCATE", table)),
        )
    {
        nothing_back += &format!(
            "CREATE TRIGGER {trigger} BEFORE {what} ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {refuse}();\n"
        );
    }
    let head_is_last = if options.trusts_heads {
        String::new()
    } else {
        head_is_last(names)
    };
    format!("\n-- Nothing is taken back.\n{nothing_back}{head_is_last}")
}

/// A head goes forward only, and each event that is stored takes its head with it.
fn head_is_last(names: &Names) -> String {
    format!(
        "
-- A head is the last event of its entity, and moves in the statement that stores that one.
CREATE FUNCTION {goes_back}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a head goes forward only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {forward} BEFORE UPDATE ON {heads}
    FOR EACH ROW WHEN (NEW.seq <= OLD.seq OR NEW.id <> OLD.id OR NEW.created_at <> OLD.created_at)
    EXECUTE FUNCTION {goes_back}();
CREATE FUNCTION {stands}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM stored WHERE NOT EXISTS (
            SELECT FROM {heads} AS head
            WHERE head.id = stored.{id} AND head.seq >= stored.seq
                AND (stored.seq > 1 OR head.created_at = stored.recorded_at)
                AND (head.seq > stored.seq
                    OR (head.last_event_type = stored.event_type
                        AND head.last_event_id = stored.event_id
                        AND head.updated_at = stored.recorded_at))))
    THEN
        RAISE EXCEPTION 'a head is the last event' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {moves_head} AFTER INSERT ON {log} REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION {stands}();
",
        heads = names.heads(),
        log = names.log(),
        id = names.id_column(),
        goes_back = names.qualified(&names.of_log_unquoted("goes_back")),
        stands = names.qualified(&names.of_log_unquoted("moves_head")),
        forward = quoted(&names.of_log_unquoted("forward")),
        moves_head = quoted(&names.of_log_unquoted("moves_head")),
    )
}
