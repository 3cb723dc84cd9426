//! The store on SQLite: a file, or memory.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::bulk::Purpose;
use crate::store::contract::driver::Backend;
use crate::store::contract::entity_context::Table;
use crate::store::contract::feed::{FeedEvent, Window};
use crate::store::contract::feed_notifier::{News, Subscription};
use crate::store::contract::filters::{EntityFilter, SearchFilter};
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::contract::options::{SLOW, SLOW_STATEMENT, StoreOptions};
use crate::store::contract::request::{Outcome, Request};
use crate::store::contract::rows::{EventRow, HeadRow, StoredRow};
use crate::store::contract::schema_difference::SchemaDrift;
use crate::store::contract::schema_version::Registered;
use crate::store::contract::snapshot::{Kept, SnapshotKey, Tail, Taken};
use crate::store::contract::stream_range::{Stretch, Stretched};
use crate::store::contract::suspects::{HistorySql, Suspects};
use crate::store::sqlite::bulk::{export, writer};
use crate::store::sqlite::errors::{failed, is_busy};
use crate::store::sqlite::read::{entities, events};
use crate::store::sqlite::schema::{migrate, verify};
use crate::store::sqlite::{append, feed, snapshots};
use crate::{Error, Position};

#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    /// One connection: SQLite has one writer, and whoever waits for it waits here, in turn.
    writer: SqlitePool,
    readers: SqlitePool,
    news: News,
}

/// How long to wait for a writer in another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Sqlite {
    /// Opens the file. Who opens a new one while another process does so finds it locked, and SQLite
    /// does not wait then.
    pub(crate) async fn connect(options: &StoreOptions) -> Result<Self, Error> {
        let backoff = ConstantBuilder::default()
            .with_delay(Duration::from_millis(20))
            .with_max_times(100)
            .with_jitter();
        (|| Self::try_connect(options))
            .retry(backoff)
            .when(|error| matches!(error, Error::Unavailable { source } if is_busy(&**source)))
            .await
    }

    async fn try_connect(options: &StoreOptions) -> Result<Self, Error> {
        let connect: SqliteConnectOptions = options.url.parse().map_err(failed)?;
        let connect = connect
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut, not only the end of the process.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .log_slow_statements(SLOW, SLOW_STATEMENT);
        let writer = SqlitePoolOptions::new()
            .acquire_slow_level(SLOW)
            .max_connections(1)
            .min_connections(1);
        let in_memory = options.url.contains(":memory:") || options.url.contains("mode=memory");
        if in_memory {
            // It lives as long as its one connection, and no other connection sees it.
            let writer = writer
                .idle_timeout(None)
                .max_lifetime(None)
                // A caller that gives up while it is tested would take the connection with it.
                .test_before_acquire(false);
            let writer = writer.connect_with(connect).await.map_err(failed)?;
            let readers = writer.clone();
            return Ok(Self {
                writer,
                readers,
                news: News::default(),
            });
        }
        let writer = writer
            // When the disk is full SQLite rolls back by itself, and the connection does not know:
            // it is of no use any more.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .connect_with(connect.clone())
            .await
            .map_err(failed)?;
        let readers = SqlitePoolOptions::new()
            .acquire_slow_level(SLOW)
            .max_connections(options.connections.most)
            .connect_with(connect)
            .await
            .map_err(failed)?;
        Ok(Self {
            writer,
            readers,
            news: News::default(),
        })
    }
}

impl Backend for Sqlite {
    type Import = writer::Writer;
    type Log = export::Log;

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn registered(&self, names: &Names) -> Result<Option<Registered>, Error> {
        let mut connection = self.readers.acquire().await.map_err(failed)?;
        migrate::registered(&mut connection, names).await
    }

    async fn migrate(&self, migration: &Migration) -> Result<(), Error> {
        migrate::migrate(&self.writer, migration).await
    }

    async fn append(
        &self,
        table: &Table,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Error> {
        let appended = append::append(&self.writer, table, request, now).await;
        self.news.tell();
        appended
    }

    async fn has_answered(&self, names: &Names, key: &str) -> Result<bool, Error> {
        events::has_answered(&self.readers, names, key).await
    }

    async fn bulk(&self, _table: &Table, purpose: Purpose) -> Result<writer::Writer, Error> {
        writer::Writer::begin(&self.writer, &self.readers, purpose).await
    }

    async fn export(&self, _table: &Table) -> Result<export::Log, Error> {
        export::Log::begin(&self.readers).await
    }

    async fn verify_schema(&self, migration: &Migration) -> Result<Vec<SchemaDrift>, Error> {
        verify::schema(&self.readers, migration).await
    }

    async fn suspects(&self, sql: &HistorySql, most: u32) -> Result<Suspects, Error> {
        verify::suspects(&self.readers, sql, most).await
    }

    fn tell(&self) {
        self.news.tell();
    }

    async fn head(&self, table: &Table, entity_id: Uuid) -> Result<Option<HeadRow>, Error> {
        events::head(&self.readers, table, entity_id).await
    }

    async fn head_as_of(
        &self,
        table: &Table,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> Result<Option<HeadRow>, Error> {
        events::head_as_of(&self.readers, table, entity_id, as_of).await
    }

    async fn event(&self, table: &Table, event_id: Uuid) -> Result<Option<StoredRow>, Error> {
        events::event(&self.readers, table, event_id).await
    }

    async fn history<T: Send>(
        &self,
        table: &Table,
        entity_id: Uuid,
        stretch: Stretch,
        each: impl Fn(EventRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> Result<Stretched<T>, Error> {
        events::history(&self.readers, table, entity_id, stretch, each).await
    }

    async fn tail(
        &self,
        table: &Table,
        key: SnapshotKey,
        stretch: Stretch,
    ) -> Result<Option<Tail>, Error> {
        snapshots::tail(&self.readers, table, key, stretch).await
    }

    async fn keep(&self, table: &Table, taken: &Taken) -> Result<Kept, Error> {
        snapshots::keep(&self.writer, table, taken).await
    }

    async fn forget_snapshots(&self, names: &Names, fold: &'static str) -> Result<u64, Error> {
        snapshots::forget(&self.writer, names, fold).await
    }

    async fn search(
        &self,
        table: &Table,
        filter: &SearchFilter,
    ) -> Result<(Vec<StoredRow>, Option<u64>), Error> {
        events::search(&self.readers, table, filter).await
    }

    async fn entities(
        &self,
        table: &Table,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        entities::entities(&self.readers, table, filter).await
    }

    async fn catch_up(&self, names: &Names) -> Result<Position, Error> {
        feed::last_position(&self.readers, names).await
    }

    async fn feed(&self, names: &Names, window: Window) -> Result<Vec<FeedEvent>, Error> {
        feed::all(&self.readers, names, window).await
    }

    async fn feed_of(
        &self,
        table: &Table,
        window: Window,
    ) -> Result<Vec<(Position, StoredRow)>, Error> {
        feed::of_entity(&self.readers, table, window).await
    }

    fn subscribe(&self, _names: &Names) -> Subscription {
        self.news.subscribe()
    }
}
