//! Options for opening a store.

use std::sync::Arc;
use std::time::Duration;

use log::LevelFilter;

use crate::store::contract::clock::Clock;
use crate::store::contract::schema_options::SchemaOptions;

/// Log level of slow statements and of waits for a connection.
///
/// A warning would be repeated for every request under load, and waiting too long is an error
/// anyway.
pub(crate) const SLOW: LevelFilter = LevelFilter::Debug;

/// Duration from which a statement is logged as slow.
pub(crate) const SLOW_STATEMENT: Duration = Duration::from_secs(1);

/// Options for opening a [`Store`](crate::Store); those that only Postgres has, SQLite ignores.
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
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub(crate) url: String,
    pub(crate) tables: SchemaOptions,
    pub(crate) allows_unreadable: bool,
    pub(crate) connections: Connections,
    /// Clock that the program has given; none for the clocks of the system and of the database.
    pub(crate) clock: Option<Arc<dyn Clock>>,
}

/// Options of the connections: number, timeouts and names.
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
    pub(crate) inline_timeout: Duration,
}

impl StoreOptions {
    /// Creates options for the database at `url`:
    ///
    /// * `sqlite::memory:`: in memory, dropped with the last clone of the store;
    /// * `sqlite://tasks.db`, `sqlite:///var/lib/tasks.db`: a file, created if it does not exist;
    /// * `postgres://user@host/database`. With the feature `tls`, `sslmode` and `sslrootcert` in
    ///   the URL mean what they mean to libpq: `?sslmode=verify-full` requires a certificate that
    ///   the system trusts, `&sslrootcert=/etc/ca.pem` one of that authority. `?pgbouncer=true` is
    ///   [`pgbouncer(true)`](Self::pgbouncer).
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            tables: SchemaOptions::new(),
            allows_unreadable: false,
            connections: Connections {
                most: 10,
                least: 0,
                acquire_timeout: Duration::from_secs(10),
                idle_timeout: Some(Duration::from_mins(10)),
                statement_timeout: Some(Duration::from_secs(30)),
                lock_timeout: Duration::from_secs(5),
                application_name: None,
                pgbouncer: false,
                read_replica: None,
                feed_batch: 50_000,
                inline_timeout: Duration::from_secs(5),
            },
            clock: None,
        }
    }

    /// Sets the Postgres schema of the tables, created by the first migration; `public` by default.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.tables = self.tables.schema(schema);
        self
    }

    /// Sets the options of the tables on Postgres, which replace an earlier
    /// [`schema`](Self::schema).
    #[must_use]
    pub fn schema_options(mut self, options: SchemaOptions) -> Self {
        self.tables = options;
        self
    }

    /// Sets whether a migration goes on although the program cannot read an event that is stored; no by
    /// default.
    ///
    /// Without, [`Store::migrate`](crate::Store::migrate) fails with
    /// [`Error::StoredPayload`](crate::Error::StoredPayload) if one of a sample of the stored events
    /// cannot be read: the oldest and the newest of each type, and some in between.
    /// [`EventStore::verify`](crate::EventStore::verify) reads all.
    #[must_use]
    pub fn allow_unreadable_events(mut self, allow: bool) -> Self {
        self.allows_unreadable = allow;
        self
    }

    /// Sets the maximum number of open connections, 1 or more; 10 by default.
    ///
    /// SQLite writes through one connection and reads through this many. A subscription to a feed
    /// on Postgres has one more connection, on which it is notified of appends by other processes.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.connections.most = connections.max(1);
        self
    }

    /// Sets the number of connections to keep open when idle, at most
    /// [`max_connections`](Self::max_connections); 0 by default. Postgres only.
    #[must_use]
    pub fn min_connections(mut self, connections: u32) -> Self {
        self.connections.least = connections;
        self
    }

    /// Sets how long a call waits for a connection and retries after a lost one; 10 s by default.
    /// Postgres only.
    ///
    /// After that it fails with [`Error::Unavailable`](crate::Error::Unavailable). An append
    /// therefore survives a restart of the database that takes less time. Before it is sent again,
    /// the store looks for its events, so that they are never stored twice.
    #[must_use]
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.connections.acquire_timeout = timeout;
        self
    }

    /// Sets the time after which an idle connection is closed; 10 minutes by default, `None` for
    /// never. Postgres only.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connections.idle_timeout = timeout.into();
        self
    }

    /// Sets how long a statement may take, in whole milliseconds, 1 or more; 30 s by default, `None`
    /// for the server's setting. Postgres only.
    ///
    /// A statement that takes longer fails with [`Error::Unavailable`](crate::Error::Unavailable)
    /// and has changed nothing. So a read goes on no longer than this after its caller has stopped
    /// waiting. Migrations, imports, exports and verifications are exempt, and so is a feed that is
    /// compared with the logs after a restore.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connections.statement_timeout = timeout.into();
        self
    }

    /// Sets how long a statement may wait for a lock of another transaction, in whole milliseconds,
    /// 1 or more; 5 s by default. Postgres only.
    ///
    /// After that it fails with [`Error::Unavailable`](crate::Error::Unavailable) and has changed
    /// nothing.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.connections.lock_timeout = timeout;
        self
    }

    /// Sets the name of the connections in `pg_stat_activity` and in the server's log; by default
    /// the name in the URL, or `eventsource`. Postgres only.
    #[must_use]
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.connections.application_name = Some(name.into());
        self
    }

    /// Declares that the URL is that of a PgBouncer, in any mode; `false` by default. Postgres
    /// only. A URL with `?pgbouncer=true` or `false` says the same, and decides.
    ///
    /// The store then keeps no state on a connection. Each statement is prepared for one use, in a
    /// transaction of its own, which costs three more round trips. Each transaction sets the
    /// timeouts for statements and locks. A feed is not notified of appends by other processes, but
    /// polls for them.
    #[must_use]
    pub fn pgbouncer(mut self, pgbouncer: bool) -> Self {
        self.connections.pgbouncer = pgbouncer;
        self
    }

    /// Sets the maximum number of events that get their positions in one transaction, 1 or more;
    /// 50,000 by default. Postgres only.
    ///
    /// The events of a large import take several transactions.
    #[must_use]
    pub fn feed_batch(mut self, events: u32) -> Self {
        self.connections.feed_batch = events.max(1);
        self
    }

    /// Sets how long the inline models of one transaction may take, 1 ms or more; 5 s by default.
    ///
    /// After that the appends of the transaction fail with
    /// [`Error::ByProjection`](crate::Error::ByProjection), and nothing of them is stored.
    #[must_use]
    pub fn inline_timeout(mut self, timeout: Duration) -> Self {
        self.connections.inline_timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// Sets the clock of the store; that of the system by default.
    ///
    /// On SQLite it is the time at which events are recorded. On Postgres that stays the time of the
    /// server, which several programs share, so that no program can record an event at a time of its
    /// choice. On both it is the time by which a runtime decides what is due: with a
    /// [`ManualClock`](crate::ManualClock) a test passes three days without waiting.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use eventsource_core::{Clock, ManualClock, StoreOptions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), eventsource_core::Error> {
    /// let clock = ManualClock::new("2026-12-01T09:00:00Z".parse().unwrap());
    /// let store = StoreOptions::new("sqlite::memory:").clock(clock.clone()).connect().await?;
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(store.clock().now(), clock.now());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Sets the URL of a standby of the database, for reads that may be slightly stale: see
    /// [`Store::read_from_replica`](crate::Store::read_from_replica). Postgres only.
    #[must_use]
    pub fn read_replica(mut self, url: impl Into<String>) -> Self {
        self.connections.read_replica = Some(url.into());
        self
    }
}
