//! A database of its own for each test.

use eventsource_core::{Event, EventStore, Store, StoreOptions};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, AssertSqlSafe};
use tempfile::TempDir;

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
        database.store = database.connect().await;
        database
    }

    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    /// The store that the test shares.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Another store on the same database, as another process would open it.
    pub async fn connect(&self) -> Store {
        let mut options = StoreOptions::new(&self.url).max_connections(8);
        if let Some(schema) = &self.schema {
            options = options.schema(schema);
        }
        options.connect().await.unwrap()
    }

    pub async fn events<E: Event>(&self) -> EventStore<E> {
        self.store.migrate().await.unwrap()
    }

    /// Plain SQL beside the store, as someone at a prompt would write it; `None` where no second
    /// connection sees the database. Tables are found without naming the schema.
    pub async fn sql(&self) -> Option<AnyPool> {
        if self.url.contains(":memory:") {
            return None;
        }
        sqlx::any::install_default_drivers();
        let search_path = self
            .schema
            .as_ref()
            .map(|schema| format!("SET search_path TO {schema}"));
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .after_connect(move |connection, _| {
                let search_path = search_path.clone();
                Box::pin(async move {
                    if let Some(sql) = search_path {
                        sqlx::query(AssertSqlSafe(sql)).execute(connection).await?;
                    }
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
