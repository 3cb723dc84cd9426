//! How a store is opened.

use super::schema::SchemaOptions;

/// How to open a [`Store`](crate::Store).
///
/// ```no_run
/// use eventsource_core::StoreOptions;
///
/// # async fn example() -> Result<(), eventsource_core::Error> {
/// let store = StoreOptions::new("postgres://localhost/shop")
///     .schema("orders")
///     .max_connections(4)
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub(super) url: String,
    pub(super) tables: SchemaOptions,
    pub(super) max_connections: u32,
}

impl StoreOptions {
    /// Opens the database at `url`:
    ///
    /// * `sqlite::memory:`: gone when the last clone of the store is dropped;
    /// * `sqlite://tasks.db`, `sqlite:///var/lib/tasks.db`: a file, created if it is not there;
    /// * `postgres://user@host/database`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            tables: SchemaOptions::new(),
            max_connections: 10,
        }
    }

    /// The Postgres schema of the tables, created by the first migration; `public` if not given.
    /// SQLite has no schemas and ignores it.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.tables = self.tables.schema(schema);
        self
    }

    /// Where and how a migration makes the tables on Postgres; it replaces what
    /// [`schema`](Self::schema) said.
    #[must_use]
    pub fn schema_options(mut self, options: SchemaOptions) -> Self {
        self.tables = options;
        self
    }

    /// The most connections to have open at a time, 1 or more; 10 if not given.
    ///
    /// SQLite writes through one connection and reads through this many.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections.max(1);
        self
    }
}
