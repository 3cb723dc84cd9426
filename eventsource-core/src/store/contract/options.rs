//! How a store is opened.

use std::time::Duration;

use log::LevelFilter;

use crate::store::contract::schema_options::SchemaOptions;

/// At which level the log tells of a statement that took long, or of a wait for a connection. Not as a
/// warning: under load there would be one for every request, and whoever waits too long is told by
/// an error.
pub(crate) const SLOW: LevelFilter = LevelFilter::Debug;

pub(crate) const SLOW_STATEMENT: Duration = Duration::from_secs(1);

/// How to open a [`Store`](crate::Store).
///
/// ```no_run
/// use std::time::Duration;
///
/// use eventsource_core::StoreOptions;
///
/// # async fn example() -> Result<(), eventsource_core::Error> {
/// let store = StoreOptions::new("postgres://shop.internal/shop?sslmode=verify-full")
///     .schema("orders")
///     .max_connections(4)
///     .application_name("orders")
///     .statement_timeout(Duration::from_secs(2))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// What only Postgres has, SQLite ignores.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub(crate) url: String,
    pub(crate) tables: SchemaOptions,
    pub(crate) connections: Connections,
}

/// What connections are like, and how many there are.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "postgres"),
    allow(dead_code, reason = "SQLite has one file and no server")
)]
pub(crate) struct Connections {
    pub(crate) most: u32,
    pub(crate) least: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) lock_timeout: Duration,
    pub(crate) application_name: Option<String>,
    pub(crate) pgbouncer: bool,
    pub(crate) read_replica: Option<String>,
    pub(crate) feed_batch: u32,
}

impl StoreOptions {
    /// Opens the database at `url`:
    ///
    /// * `sqlite::memory:`: gone when the last clone of the store is dropped;
    /// * `sqlite://tasks.db`, `sqlite:///var/lib/tasks.db`: a file, created if it is not there;
    /// * `postgres://user@host/database`. With the feature `tls`, `sslmode` and `sslrootcert` in
    ///   the URL mean what they mean to libpq: `?sslmode=verify-full` asks for a certificate that
    ///   the system trusts, `&sslrootcert=/etc/ca.pem` for one of that authority.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            tables: SchemaOptions::new(),
            connections: Connections {
                most: 10,
                least: 0,
                acquire_timeout: Duration::from_secs(10),
                idle_timeout: Some(Duration::from_secs(600)),
                statement_timeout: None,
                lock_timeout: Duration::from_secs(5),
                application_name: None,
                pgbouncer: false,
                read_replica: None,
                feed_batch: 50_000,
            },
        }
    }

    /// The Postgres schema of the tables, created by the first migration; `public` if not given.
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
    /// SQLite writes through one connection and reads through this many. Who follows a feed on
    /// Postgres has one more, to be told of what other processes append.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.connections.most = connections.max(1);
        self
    }

    /// How many connections are kept open when nobody needs them, no more than
    /// [`max_connections`](Self::max_connections); 0 if not given. Postgres only.
    #[must_use]
    pub fn min_connections(mut self, connections: u32) -> Self {
        self.connections.least = connections;
        self
    }

    /// How long a call waits for a connection, also while the database restarts, and how long it
    /// goes on with others when it has lost one; 10 s if not given. Then it is
    /// [`Error::Unavailable`](crate::Error::Unavailable). Postgres only.
    ///
    /// So an append waits through a restart that takes less than this. It is sent again only after
    /// its events have been looked for: it is never stored twice.
    #[must_use]
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.connections.acquire_timeout = timeout;
        self
    }

    /// After how long a connection that nobody needs is closed; 10 minutes if not given, `None` is
    /// never. Postgres only.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connections.idle_timeout = timeout.into();
        self
    }

    /// How long a statement may take, in whole milliseconds, 1 or more; what the server says if
    /// not given. What takes longer is [`Error::Unavailable`](crate::Error::Unavailable) and has
    /// changed nothing. A migration may take longer. Postgres only.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.connections.statement_timeout = Some(timeout);
        self
    }

    /// How long a statement may wait for a row that another transaction has locked, in whole
    /// milliseconds, 1 or more; 5 s if not given. Then it is
    /// [`Error::Unavailable`](crate::Error::Unavailable) and has changed nothing. Postgres only.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.connections.lock_timeout = timeout;
        self
    }

    /// What the connections are called in `pg_stat_activity` and in the server's log; what the URL
    /// says, or `eventsource`, if not given. Postgres only.
    #[must_use]
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.connections.application_name = Some(name.into());
        self
    }

    /// Whether the URL is of a PgBouncer, in whatever mode; not if not given. Postgres only.
    ///
    /// Nothing is kept on a connection then: each statement is prepared for one use, in a
    /// transaction of its own, which costs three more round trips. The timeouts for statements and
    /// locks are told in each transaction, and a feed is not told of what other processes append,
    /// but looks for it.
    #[must_use]
    pub fn pgbouncer(mut self, pgbouncer: bool) -> Self {
        self.connections.pgbouncer = pgbouncer;
        self
    }

    /// How many events get their positions in the feed in one transaction, 1 or more; 50,000 if not
    /// given. What a large import brings takes several. Postgres only.
    #[must_use]
    pub fn feed_batch(mut self, events: u32) -> Self {
        self.connections.feed_batch = events.max(1);
        self
    }

    /// A standby of the same database, for those who read what may be a little old: see
    /// [`Store::read_from_replica`](crate::Store::stale_ok). Postgres only.
    #[must_use]
    pub fn read_replica(mut self, url: impl Into<String>) -> Self {
        self.connections.read_replica = Some(url.into());
        self
    }
}
