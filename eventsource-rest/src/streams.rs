//! The streams that are open.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::shutdown::Shutdown;

/// How many listeners read at once what is stored.
const READERS: usize = 2;

/// How many streams may be open, and when they end.
pub(crate) struct Streams {
    free: Arc<Semaphore>,
    /// Those who read what is stored take turns, or they would keep all connections to the database
    /// from those who write.
    turns: Semaphore,
    #[cfg(feature = "metrics")]
    most: usize,
    pub(crate) shutdown: Shutdown,
}

impl Streams {
    pub(crate) fn new(most: usize, shutdown: Shutdown) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(most)),
            turns: Semaphore::new(READERS),
            #[cfg(feature = "metrics")]
            most,
            shutdown,
        }
    }

    /// Whether whoever reads now need not wait.
    pub(crate) fn has_turn(&self) -> bool {
        self.turns.available_permits() > 0
    }

    /// A turn to read what is stored, for as long as what is returned lives.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.turns.acquire().await.ok()
    }

    /// How many are open.
    #[cfg(feature = "metrics")]
    pub(crate) fn open_now(&self) -> usize {
        self.most - self.free.available_permits()
    }

    /// Room for one more, for as long as what is returned lives.
    pub(crate) fn open(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }
}
