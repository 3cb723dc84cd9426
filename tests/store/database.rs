//! A database of its own for each test.

use eventsource_core::{Event, EventStore, Store, StoreOptions};
use sqlx::ConnectOptions;
use sqlx::any::AnyPoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyPool, AssertSqlSafe};
use tempfile::TempDir;

use crate::proxy::Proxy;

pub struct Database {
    url: String,
    schema: Option<String>,
    store: Store,
    /// Removed when the test ends.
    _folder: Option<TempDir>,
}

impl Database {
    pub async fn sqlite_memory() -> Self {
        Self::open("sqlite::memory:".to_owned(), None, None).await
    }

    pub async fn sqlite_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self::open(url, None, Some(folder)).await
    }

    pub async fn postgres() -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL names the Postgres to test on; ./test starts one and sets it");
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        Self::open(url, Some(schema), None).await
    }

    async fn open(url: String, schema: Option<String>, folder: Option<TempDir>) -> Self {
        let mut database = Self {
            store: Store::connect("sqlite::memory:").await.unwrap(),
            url,
            schema,
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

    /// The store that the test shares.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Opens another store on the same database, as another process would.
    pub fn opener(&self) -> impl Future<Output = Result<Store, eventsource_core::Error>> + use<> {
        let mut options = StoreOptions::new(&self.url).max_connections(4);
        if let Some(schema) = &self.schema {
            options = options.schema(schema);
        }
        options.connect()
    }

    pub async fn events<E: Event>(&self) -> EventStore<E> {
        self.store.migrate().await.unwrap()
    }

    /// The same as another server would have it that begins transactions so; Postgres only.
    pub async fn connect_isolated(&self, level: &str) -> Option<Store> {
        let schema = self.schema.as_ref()?;
        let mark = if self.url.contains('?') { '&' } else { '?' };
        let option = format!("options=-c%20default_transaction_isolation={level}");
        let options = StoreOptions::new(format!("{}{mark}{option}", self.url));
        Some(options.schema(schema).connect().await.unwrap())
    }

    /// The same over a wire that can be cut; `None` where there is no wire.
    pub async fn behind_proxy(&self) -> Option<(Proxy, Store)> {
        let schema = self.schema.as_ref()?;
        let direct: PgConnectOptions = self.url.parse().unwrap();
        let proxy = Proxy::to(direct.get_host(), direct.get_port()).await;
        let proxied = direct.host("127.0.0.1").port(proxy.port);
        // One connection: what has been prepared once is one round trip from then on.
        let options = StoreOptions::new(proxied.to_url_lossy()).max_connections(1);
        let store = options.schema(schema).connect().await.unwrap();
        Some((proxy, store))
    }

    /// Plain SQL beside the store, as someone at a prompt would write it; `None` where no second
    /// connection sees the database. Tables are found without naming the schema, and SQLite checks
    /// no foreign keys.
    pub async fn sql(&self) -> Option<AnyPool> {
        if self.is_in_memory() {
            return None;
        }
        sqlx::any::install_default_drivers();
        let set = match &self.schema {
            Some(schema) => format!("SET search_path TO {schema}"),
            None => "PRAGMA foreign_keys = OFF".to_owned(),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .after_connect(move |connection, _| {
                let set = set.clone();
                Box::pin(async move {
                    sqlx::query(AssertSqlSafe(set)).execute(connection).await?;
                    Ok(())
                })
            })
            .connect(&self.url)
            .await;
        Some(pool.unwrap())
    }

    pub async fn remove(self) {
        if let Some(schema) = &self.schema {
            let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
            let pool = self.sql().await.unwrap();
            sqlx::query(AssertSqlSafe(sql))
                .execute(&pool)
                .await
                .unwrap();
        }
    }
}
