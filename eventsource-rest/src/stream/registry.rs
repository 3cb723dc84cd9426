//! Registry of open streams: their number, permits to read, and their progress.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventsource_core::Position;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::clients::table::{ClientPermit, RequestClient};
use crate::options::shutdown::Shutdown;
use crate::wire::problem::Problem;
use crate::wire::unread::UnreadBytes;

/// Most clients that read stored events at once.
const MAX_READERS: usize = 2;

/// Progress of the hub of a machine.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "metrics"),
    allow(dead_code, reason = "read by the metrics only")
)]
pub(crate) struct StreamProgress {
    /// Position of the last event that was sent to the clients.
    pub(crate) position: Position,
    /// Age of the last event when it was sent.
    pub(crate) age: Duration,
}

/// Registry of the open streams of a service.
pub(crate) struct StreamRegistry {
    /// Permits, one for each stream that may still be opened.
    free: Arc<Semaphore>,
    /// A permit for each client that may read stored events now; otherwise many clients would take
    /// all database connections from the appends.
    readers: Semaphore,
    #[cfg(feature = "metrics")]
    max_streams: usize,
    /// Progress by entity.
    progress: Mutex<BTreeMap<&'static str, StreamProgress>>,
    /// What clients have not read yet.
    pub(crate) unread: UnreadBytes,
    /// Signal that ends the streams.
    pub(crate) shutdown: Shutdown,
}

impl StreamRegistry {
    /// Creates a registry for at most `max_streams` streams.
    pub(crate) fn new(max_streams: usize, unread: UnreadBytes, shutdown: Shutdown) -> Self {
        let max_streams = max_streams.min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(max_streams)),
            readers: Semaphore::new(MAX_READERS),
            #[cfg(feature = "metrics")]
            max_streams,
            progress: Mutex::default(),
            unread,
            shutdown,
        }
    }

    /// Returns whether a read could start at once.
    pub(crate) fn may_read_now(&self) -> bool {
        self.readers.available_permits() > 0
    }

    /// Waits for a permit to read stored events.
    pub(crate) async fn read_permit(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.readers.acquire().await.ok()
    }

    /// Records the progress of a machine's hub.
    pub(crate) fn record_progress(&self, entity: &'static str, progress: StreamProgress) {
        // No holder of the lock can panic halfway, so a poisoned map is still valid.
        let mut all = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(entity, progress);
    }

    /// Returns the progress of every machine that has had a client.
    #[cfg(feature = "metrics")]
    pub(crate) fn progress(&self) -> BTreeMap<&'static str, StreamProgress> {
        let all = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// Counts the open streams.
    #[cfg(feature = "metrics")]
    pub(crate) fn open_streams(&self) -> usize {
        self.max_streams - self.free.available_permits()
    }

    /// Reserves a stream of a client until the permit is dropped.
    ///
    /// # Errors
    /// 429 if the client has too many streams, 503 if all clients together have.
    pub(crate) fn try_open(&self, client: Option<RequestClient>) -> Result<StreamPermit, Problem> {
        let client = client.map(RequestClient::open_stream).transpose()?;
        let Ok(stream) = Arc::clone(&self.free).try_acquire_owned() else {
            let detail = "The limit of open streams is reached; try again later.";
            return Err(Problem::busy(
                "too-many-streams",
                "Too many streams",
                detail,
            ));
        };
        Ok(StreamPermit {
            _stream: stream,
            _client: client,
        })
    }
}

/// Open stream, which is closed when the permit is dropped.
pub(crate) struct StreamPermit {
    _stream: OwnedSemaphorePermit,
    /// `None` if the client is not known.
    _client: Option<ClientPermit>,
}
