//! Which of the databases a statement is for.

/// Database that a transaction or a table is on, for SQL that differs between them.
///
/// ```
/// use eventsource_core::Dialect;
///
/// fn now(dialect: Dialect) -> &'static str {
///     match dialect {
///         Dialect::Postgres => "clock_timestamp()",
///         _ => "strftime('%Y-%m-%dT%H:%M:%f000Z')",
///     }
/// }
/// # let _ = now;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// Postgres.
    Postgres,
}
