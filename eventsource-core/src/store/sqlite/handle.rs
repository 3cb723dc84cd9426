//! Connections to a SQLite database.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use tokio::sync::Semaphore;

use crate::Error;
use crate::store::contract::clock::{Clock, SystemClock};
use crate::store::contract::feed_notifier::FeedNotifier;
use crate::store::contract::options::{SLOW, SLOW_STATEMENT, StoreOptions};
use crate::store::sqlite::errors::{failed, is_busy};
use crate::store::sqlite::file;
use crate::store::sqlite::file::OpenedFile;

/// Connections to a SQLite database. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    /// Pool of one connection: SQLite has one writer, and appends wait here in turn.
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    pub(crate) notifier: FeedNotifier,
    /// File; none in memory.
    pub(crate) file: Option<Arc<OpenedFile>>,
    /// Turns of those who read long streams.
    pub(crate) long_reads: Arc<Semaphore>,
    /// Age at which an idempotency key expires.
    pub(crate) keys_expire_after: Option<Duration>,
    /// Longest time that the companions of one transaction may take.
    pub(crate) inline_timeout: Duration,
    /// Clock by which events are recorded and keys expire.
    pub(crate) clock: Arc<dyn Clock>,
}

/// Longest wait for a writer in another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Number of rows that a connection reads ahead: each may have an event of megabytes.
const ROW_BUFFER_SIZE: usize = 8;

/// Returns as many turns as there are processors: more readers at a time would only make each other
/// slower, until all of them give up at the same time.
fn long_reads() -> Arc<Semaphore> {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    Arc::new(Semaphore::new(processors))
}

impl Sqlite {
    /// Opens the file; retries while another process is creating it.
    ///
    /// SQLite does not wait for the lock then.
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
        let clock = options.clock.clone();
        let clock = clock.unwrap_or_else(|| Arc::new(SystemClock));
        let connect: SqliteConnectOptions = options.url.parse().map_err(failed)?;
        let connect = connect
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged append survives a power cut, not only the end of the process.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .row_buffer_size(ROW_BUFFER_SIZE)
            .log_slow_statements(SLOW, SLOW_STATEMENT);
        let writer = SqlitePoolOptions::new()
            .acquire_slow_level(SLOW)
            .max_connections(1)
            .min_connections(1);
        let in_memory = options.url.contains(":memory:") || options.url.contains("mode=memory");
        if in_memory {
            // The database lives as long as its one connection, and no other connection sees it.
            let writer = writer
                .idle_timeout(None)
                .max_lifetime(None)
                // A call that is dropped during the test would close the connection.
                .test_before_acquire(false);
            let writer = writer.connect_with(connect).await.map_err(failed)?;
            let readers = writer.clone();
            return Ok(Self {
                writer,
                readers,
                notifier: FeedNotifier::default(),
                file: None,
                long_reads: long_reads(),
                keys_expire_after: options.tables.keys_expire_after,
                inline_timeout: options.connections.inline_timeout,
                clock,
            });
        }
        let path = connect.get_filename().to_owned();
        file::check_folder(&path)?;
        let writer = writer
            // When the disk is full SQLite rolls back by itself, which sqlx does not notice: such a
            // connection is closed.
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
            notifier: FeedNotifier::default(),
            file: Some(Arc::new(OpenedFile::at(&path))),
            long_reads: long_reads(),
            keys_expire_after: options.tables.keys_expire_after,
            inline_timeout: options.connections.inline_timeout,
            clock,
        })
    }

    /// Fails if the file is no longer where it was opened; looked up at most once a second.
    pub(crate) fn check_file(&self) -> Result<(), Error> {
        self.file
            .as_ref()
            .map_or(Ok(()), |file| file.check_now_and_then())
    }

    /// Closes all connections, each when it is no longer used.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
