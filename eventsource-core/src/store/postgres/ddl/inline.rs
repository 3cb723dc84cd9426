//! Guard of the log: who does not write the inline models of a machine appends nothing to it.
//!
//! A trigger asks for a setting of the transaction, with which a program says what it writes.

use crate::store::contract::companion::guarded_as;
use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::append::accompanied::MODELS;
use crate::store::postgres::ddl::tables::partition_names;
use crate::store::postgres::sqlstates::INLINE_MISSING;
use crate::store::sql::runtime::SUBSCRIPTIONS;

/// Function of the triggers; verification knows it by this name.
const GUARD: &str = "eventsource_inline_guard";

/// Returns the SQL that lets only those append who write this generation of a model.
///
/// It waits until all who append have committed, and keeps others from it until its own transaction
/// does.
pub(crate) fn guard(
    names: &Names,
    options: &SchemaOptions,
    model: &str,
    generation: u32,
) -> String {
    let function = names.qualified(GUARD);
    let trigger = names.of_log(&format!("inline_{model}"));
    let when = format!(
        "WHEN ({written} <> ALL (string_to_array(coalesce(current_setting({MODELS}, true), ''), ',')))",
        MODELS = literal(MODELS),
        written = literal(&guarded_as(model, generation)),
    );
    let logs = partition_names(names, options, names.log_unquoted()).chain([names.log()]);
    let triggers: String = logs
        .map(|log| {
            format!(
                "CREATE OR REPLACE TRIGGER {trigger} BEFORE INSERT ON {log}
    FOR EACH STATEMENT {when}
    EXECUTE FUNCTION {function}({model});
",
                model = literal(model),
            )
        })
        .collect();
    format!(
        "LOCK TABLE {subscriptions} IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE {log} IN SHARE ROW EXCLUSIVE MODE;
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the inline model % is written with each event of this log', TG_ARGV[0]
        USING ERRCODE = '{INLINE_MISSING}', CONSTRAINT = TG_ARGV[0],
            HINT = 'Append with a program that has the model.';
END
$$;
{triggers}",
        // Two that make the function at once would be in each other's way.
        subscriptions = names.shared(SUBSCRIPTIONS),
        log = names.log(),
    )
}
