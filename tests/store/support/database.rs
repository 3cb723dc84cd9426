//! A database of its own for each test.

use eventsource_core::schema::{FeedStrategy, Roles, SchemaOptions};
use eventsource_core::{Event, EventStore, Store, StoreOptions};
use sqlx::ConnectOptions;
use sqlx::any::AnyPoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyPool, AssertSqlSafe};
use tempfile::TempDir;

use crate::support::proxy::Proxy;

const DELTA: FeedStrategy = FeedStrategy::SnapshotDelta;

pub struct Database {
    url: String,
    schema: Option<String>,
    /// Into how many parts Postgres splits the tables; 0 is not at all.
    partitions: u16,
    feed: FeedStrategy,
    store: Store,
    /// Removed when the test ends.
    _folder: Option<TempDir>,
}

impl Database {
    /// Another one like it.
    pub async fn of_the_kind_of(other: &Self) -> Self {
        match (other.is_postgres(), other.is_in_memory()) {
            (true, _) => Self::postgres_in(other.partitions, other.feed).await,
            (false, true) => Self::sqlite_memory().await,
            (false, false) => Self::sqlite_file().await,
        }
    }

    /// The URL and the schema, for another process.
    pub fn address(&self) -> (&str, Option<&str>) {
        (&self.url, self.schema.as_deref())
    }

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

    async fn postgres_in(partitions: u16, feed: FeedStrategy) -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL names the Postgres to test on; ./test starts one and sets it");
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        let database = Self::open(url, Some(schema), partitions, feed, None).await;
        let pool = database.sql().await.unwrap();
        for role in [database.role("writer"), database.role("reader")] {
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
        database.store = database.opener().await.unwrap();
        database
    }

    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    /// Whether no other process can see it.
    pub fn is_in_memory(&self) -> bool {
        self.url.contains(":memory:")
    }

    /// Whether the sequencer empties an outbox.
    pub fn has_outbox(&self) -> bool {
        self.feed == FeedStrategy::Outbox
    }

    pub fn is_partitioned(&self) -> bool {
        self.partitions > 0
    }

    /// The name of the role in this test; roles are shared by all databases of a server.
    pub fn role(&self, role: &str) -> String {
        format!("{}_{role}", self.schema.as_deref().unwrap_or_default())
    }

    /// Where it is, for another process; see [`schema_options`](Self::schema_options).
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The Postgres schema.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// How the tables of this test are made.
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

    /// The store that the test shares.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Opens another store on the same database, as another process would.
    pub fn opener(&self) -> impl Future<Output = Result<Store, eventsource_core::Error>> + use<> {
        let options = StoreOptions::new(&self.url).max_connections(4);
        options.schema_options(self.schema_options()).connect()
    }

    pub async fn events<E: Event>(&self) -> EventStore<E> {
        self.store.migrate().await.unwrap()
    }

    /// The same as another server would have it that begins transactions so; Postgres only.
    pub async fn connect_isolated(&self, level: &str) -> Option<Store> {
        self.connect_set(&format!("default_transaction_isolation={level}"))
            .await
    }

    /// The same with a setting for every connection; Postgres only.
    pub async fn connect_set(&self, setting: &str) -> Option<Store> {
        self.schema.as_ref()?;
        let url = self.url_with(setting);
        let options = StoreOptions::new(url).schema_options(self.schema_options());
        Some(options.connect().await.unwrap())
    }

    /// The same in the name of a role with fewer rights; Postgres only.
    pub async fn connect_as(&self, role: &str) -> Option<Store> {
        self.connect_set(&format!("role={}", self.role(role))).await
    }

    /// The same with tables that are made otherwise; Postgres only.
    pub async fn connect_with(&self, options: SchemaOptions) -> Store {
        let store = StoreOptions::new(&self.url).schema_options(options);
        store.connect().await.unwrap()
    }

    /// The same with small batches of the sequencer.
    pub async fn connect_few_a_batch(&self, events: u32) -> Store {
        let options = StoreOptions::new(&self.url).feed_batch(events);
        let options = options.schema_options(self.schema_options());
        options.connect().await.unwrap()
    }

    /// The URL with a setting for every connection.
    fn url_with(&self, setting: &str) -> String {
        let mark = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{mark}options=-c%20{setting}", self.url)
    }

    /// The same over a wire that can be cut; `None` where there is no wire.
    pub async fn behind_proxy(&self) -> Option<(Proxy, Store)> {
        self.schema.as_ref()?;
        let direct: PgConnectOptions = self.url.parse().unwrap();
        let proxy = Proxy::to(direct.get_host(), direct.get_port()).await;
        let proxied = direct.host("127.0.0.1").port(proxy.port);
        // One connection: what has been prepared once is one round trip from then on.
        let options = StoreOptions::new(proxied.to_url_lossy()).max_connections(1);
        let options = options.schema_options(self.schema_options());
        let store = options.connect().await.unwrap();
        Some((proxy, store))
    }

    /// Plain SQL beside the store, as someone at a prompt would write it; `None` where no second
    /// connection sees the database. Tables are found without naming the schema, and SQLite checks
    /// no foreign keys.
    pub async fn sql(&self) -> Option<AnyPool> {
        self.sql_after("").await
    }

    /// The same in the name of the role that programs connect as, where there are roles.
    pub async fn writer_sql(&self) -> Option<AnyPool> {
        self.sql_as("writer").await
    }

    pub async fn sql_as(&self, role: &str) -> Option<AnyPool> {
        self.sql_after(&format!("; SET ROLE {}", self.role(role)))
            .await
    }

    /// What else a connection to Postgres begins with.
    async fn sql_after(&self, and: &str) -> Option<AnyPool> {
        if self.is_in_memory() {
            return None;
        }
        sqlx::any::install_default_drivers();
        let set = match &self.schema {
            Some(schema) => format!("SET search_path TO {schema}{and}"),
            None => "PRAGMA foreign_keys = OFF".to_owned(),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(1)
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
        Some(pool.unwrap())
    }

    pub async fn remove(self) {
        if let Some(schema) = &self.schema {
            let (writer, reader) = (self.role("writer"), self.role("reader"));
            let sql =
                format!("DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE {writer}, {reader}");
            let pool = self.sql().await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&pool)
                .await
                .unwrap();
        }
    }
}
