//! Triggers for what no constraint of one row can express: nothing is taken back, and only the
//! functions that append write the log and the heads, so that each event continues where the one
//! before it ended and each head equals the last event.

use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::append::by_name::BY_NAME;
use crate::store::postgres::ddl::append_only::{APPEND_ONLY, FUNCTIONS_ONLY};
use crate::store::postgres::ddl::tables::partition_names;

/// Returns the SQL of the triggers.
pub(crate) fn create(names: &Names, options: &SchemaOptions) -> String {
    // A statement that names a partition does not fire the triggers of the partitioned table.
    let logs: Vec<String> = partition_names(names, options, names.log_unquoted())
        .chain([names.log()])
        .collect();
    let heads: Vec<String> = partition_names(names, options, names.entity().to_owned())
        .chain([names.heads()])
        .collect();
    let each = |tables: &[String], trigger: &str, when: &str, how: &str| -> String {
        let trigger = names.of_log(trigger);
        let of = |table: &String| {
            format!("CREATE TRIGGER {trigger} {when} ON {table}\n    FOR EACH STATEMENT {how};\n")
        };
        tables.iter().map(of).collect()
    };
    let refuse = format!("EXECUTE FUNCTION {}()", names.qualified(APPEND_ONLY));
    // Only the owner has the right to make triggers, so nobody else can pass for a function.
    let by_hand = format!(
        "WHEN (current_setting('eventsource.append', true) IS DISTINCT FROM 'on'
        OR NOT has_table_privilege({log}::regclass, 'TRIGGER'))
    EXECUTE FUNCTION {function}({append})",
        log = literal(&names.log()),
        function = names.qualified(FUNCTIONS_ONLY),
        append = literal(&names.function_unquoted(BY_NAME)),
    );
    format!(
        "
-- Nothing is taken back.
{log_stays}{heads_stay}
-- Nothing is written by hand: functions append, and the owner imports.
{log_by_function}{heads_by_function}",
        log_stays = each(
            &logs,
            "append_only",
            "BEFORE UPDATE OR DELETE OR TRUNCATE",
            &refuse
        ),
        heads_stay = each(&heads, "keeps_heads", "BEFORE DELETE OR TRUNCATE", &refuse),
        log_by_function = each(&logs, "by_function", "BEFORE INSERT", &by_hand),
        heads_by_function = each(
            &heads,
            "heads_by_function",
            "BEFORE INSERT OR UPDATE",
            &by_hand
        ),
    )
}
