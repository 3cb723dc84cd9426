//! Where the text of statements differs between the databases.

use eventsource_core::Dialect;

/// Returns the expression for the present time of the database.
pub(crate) fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "clock_timestamp()",
        _ => "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
    }
}

/// Returns the expression for a time of the database that is so many milliseconds from now.
pub(crate) fn from_now(dialect: Dialect, milliseconds: i64) -> String {
    match dialect {
        Dialect::Postgres => {
            format!("clock_timestamp() + interval '1 millisecond' * ({milliseconds})")
        }
        _ => {
            let seconds = milliseconds as f64 / 1000.0;
            format!("strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '{seconds:+.3} seconds')")
        }
    }
}

/// Returns the clause that locks rows of this table, and passes by those that others have locked.
pub(crate) fn skip_locked(dialect: Dialect, table: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("FOR UPDATE OF {table} SKIP LOCKED"),
        _ => String::new(),
    }
}
