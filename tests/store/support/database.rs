//! Database of a test.

use eventsource_core::ddl::{FeedStrategy, Roles, SchemaOptions};
use eventsource_core::{Event, EventStore, Store, StoreOptions};
use eventsource_tests::waiting::LIMIT;
use sqlx::ConnectOptions;
use sqlx::any::AnyPoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyPool, AssertSqlSafe};
use tempfile::TempDir;

use super::proxy::Proxy;

const DELTA: FeedStrategy = FeedStrategy::SnapshotDelta;

/// Database that no other test uses: a file, memory, or a schema of a Postgres server.
pub struct Database {
    url: String,
    schema: Option<String>,
    /// Number of hash partitions of the tables on Postgres; 0 is none.
    partitions: u16,
    feed: FeedStrategy,
    store: Store,
    /// Folder of the file, removed when the test ends.
    _folder: Option<TempDir>,
}

impl Database {
    pub async fn sqlite_memory() -> Self {
        Self::open("sqlite::memory:".to_owned(), None, 0, DELTA, None).await
    }

    pub async fn sqlite_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self::open(url, None, 0, DELTA, Some(folder)).await
    }

    pub async fn postgres() -> Self {
        Self::postgres_in(0, DELTA).await
    }

    pub async fn postgres_partitioned() -> Self {
        Self::postgres_in(3, DELTA).await
    }

    pub async fn postgres_outbox() -> Self {
        Self::postgres_in(0, FeedStrategy::Outbox).await
    }

    /// Opens another database of the same kind.
    pub async fn another(&self) -> Self {
        match self.is_postgres() {
            true => Self::postgres_in(self.partitions, self.feed).await,
            false => Self::sqlite_file().await,
        }
    }

    async fn postgres_in(partitions: u16, feed: FeedStrategy) -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL names the Postgres to test on; ./test starts one and sets it");
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        let database = Self::open(url, Some(schema), partitions, feed, None).await;
        let pool = database.sql().await;
        for role in ["writer", "reader", "worker"].map(|role| database.role(role)) {
            let create = format!("CREATE ROLE {role} NOLOGIN");
            sqlx::query(AssertSqlSafe(create))
                .execute(&pool)
                .await
                .unwrap();
        }
        database
    }

    async fn open(
        url: String,
        schema: Option<String>,
        partitions: u16,
        feed: FeedStrategy,
        folder: Option<TempDir>,
    ) -> Self {
        let mut database = Self {
            store: Store::connect("sqlite::memory:").await.unwrap(),
            url,
            schema,
            partitions,
            feed,
            _folder: folder,
        };
        database.store = database.another_store().await;
        database
    }

    /// Tells whether this is Postgres, for SQL and expectations that are written per database. What
    /// says nothing on SQLite is listed for Postgres only.
    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    /// Tells whether another connection sees this database, which is not so in memory.
    pub fn is_shared(&self) -> bool {
        !self.url.contains(":memory:")
    }

    /// Tells whether the sequencer empties an outbox.
    pub fn has_outbox(&self) -> bool {
        self.feed == FeedStrategy::Outbox
    }

    /// Tells whether the tables are split by the hash of the entity's id.
    pub fn is_partitioned(&self) -> bool {
        self.partitions > 0
    }

    /// Names a role of this test; roles are shared by all databases of a server.
    pub fn role(&self, role: &str) -> String {
        format!("{}_{role}", self.schema.as_deref().unwrap_or_default())
    }

    /// URL of the database; its tables are in a [`schema`](Self::schema) of it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Postgres schema of this test.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// Options that the tables of this test are made with.
    pub fn schema_options(&self) -> SchemaOptions {
        let Some(schema) = &self.schema else {
            return SchemaOptions::new();
        };
        let roles = Roles::new()
            .writer(self.role("writer"))
            .reader(self.role("reader"));
        SchemaOptions::new()
            .schema(schema)
            .roles(roles)
            .hash_partitions(self.partitions)
            .feed(self.feed)
    }

    /// Store of the test.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Opens a machine in the store of the test, and makes its tables.
    pub async fn events<E: Event>(&self) -> EventStore<E> {
        self.store.migrate().await.unwrap()
    }

    /// Options of a store on this database that waits as long as a test may.
    pub fn store_options(&self) -> StoreOptions {
        self.store_options_at(&self.url)
    }

    /// Opens another store that waits no longer than one is made to, unless told otherwise.
    pub async fn store_with_default_timeouts(&self) -> Store {
        let options = StoreOptions::new(&self.url).schema_options(self.schema_options());
        options.connect().await.unwrap()
    }

    pub fn store_options_at(&self, url: &str) -> StoreOptions {
        StoreOptions::new(url)
            .schema_options(self.schema_options())
            .acquire_timeout(LIMIT)
            .lock_timeout(LIMIT)
    }

    /// Opens another store on the same database, as another process would. In memory it is a store
    /// on another database.
    pub async fn another_store(&self) -> Store {
        let options = self.store_options().max_connections(4);
        options.connect().await.unwrap()
    }

    /// Opens a machine in [another store](Self::another_store), and makes its tables.
    pub async fn another_events<E: Event>(&self) -> EventStore<E> {
        assert!(self.is_shared(), "another store has another memory");
        self.another_store().await.migrate().await.unwrap()
    }

    /// Connects with other options for the tables.
    pub async fn connect_with(&self, options: SchemaOptions) -> Store {
        let store = self.store_options().schema_options(options);
        store.connect().await.unwrap()
    }

    /// Connects with small batches of the sequencer.
    pub async fn connect_few_a_batch(&self, events: u32) -> Store {
        let options = self.store_options().feed_batch(events);
        options.connect().await.unwrap()
    }

    /// Connects with a setting for every connection; Postgres only.
    pub async fn connect_set(&self, setting: &str) -> Store {
        assert!(self.is_postgres(), "SQLite has no such settings");
        let mark = if self.url.contains('?') { '&' } else { '?' };
        let url = format!("{}{mark}options=-c%20{setting}", self.url);
        self.store_options_at(&url).connect().await.unwrap()
    }

    /// Connects in the name of a role with fewer rights; Postgres only.
    pub async fn connect_as(&self, role: &str) -> Store {
        self.connect_set(&format!("role={}", self.role(role))).await
    }

    /// Connects through a proxy that loses answers; Postgres only.
    pub async fn behind_proxy(&self) -> (Proxy, Store) {
        let direct: PgConnectOptions = self.url.parse().unwrap();
        let proxy = Proxy::to(direct.get_host(), direct.get_port()).await;
        let proxied = direct.host("127.0.0.1").port(proxy.port);
        // One connection: what has been prepared once is one round trip from then on.
        let options = self.store_options_at(proxied.to_url_lossy().as_str());
        let store = options.max_connections(1).connect().await.unwrap();
        (proxy, store)
    }

    /// Opens a connection for plain SQL beside the store, as at a prompt. Tables are found without
    /// naming the schema, and SQLite checks no foreign keys.
    pub async fn sql(&self) -> AnyPool {
        self.sql_after("").await
    }

    /// Opens a connection of the owner for plain SQL that the guards take for one of the functions that
    /// append, so that only constraints are in its way. SQLite has no such guards.
    pub async fn sql_past_guards(&self) -> AnyPool {
        self.sql_after("; SET eventsource.append = 'on'").await
    }

    /// Opens a connection for plain SQL in the name of the role that programs connect as, where
    /// there are roles.
    pub async fn writer_sql(&self) -> AnyPool {
        self.sql_as("writer").await
    }

    /// Opens a connection for plain SQL in the name of a role, where there are roles.
    pub async fn sql_as(&self, role: &str) -> AnyPool {
        self.sql_after(&format!("; SET ROLE {}", self.role(role)))
            .await
    }

    /// Opens a connection that begins with further statements on Postgres.
    async fn sql_after(&self, and: &str) -> AnyPool {
        assert!(self.is_shared(), "another connection has another memory");
        sqlx::any::install_default_drivers();
        let set = match &self.schema {
            Some(schema) => format!("SET search_path TO {schema}{and}"),
            None => "PRAGMA foreign_keys = OFF".to_owned(),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(LIMIT)
            .after_connect(move |connection, _| {
                let set = set.clone();
                Box::pin(async move {
                    sqlx::raw_sql(AssertSqlSafe(set))
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .connect(&self.url)
            .await;
        pool.unwrap()
    }

    /// Removes what the test has left on a server that others use too.
    pub async fn remove(self) {
        if let Some(schema) = &self.schema {
            let roles = ["writer", "reader", "worker"].map(|role| self.role(role));
            let roles = roles.join(", ");
            let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE {roles}");
            let pool = self.sql().await;
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&pool)
                .await
                .unwrap();
        }
    }
}
