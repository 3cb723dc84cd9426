//! The streams that are open.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventsource_core::Position;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::options::shutdown::Shutdown;

/// How many listeners read at once what is stored.
const READERS: usize = 2;

/// How far those who listen to a machine have been told of its events.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "metrics"),
    allow(dead_code, reason = "metrics alone tell of it")
)]
pub(crate) struct Progress {
    /// Of the last event that they were told of.
    pub(crate) position: Position,
    /// How old it was then.
    pub(crate) age: Duration,
}

/// How many streams may be open, and when they end.
pub(crate) struct Streams {
    free: Arc<Semaphore>,
    /// Those who read what is stored take turns, or they would keep all connections to the database
    /// from those who write.
    turns: Semaphore,
    #[cfg(feature = "metrics")]
    most: usize,
    /// By entity.
    progress: Mutex<BTreeMap<&'static str, Progress>>,
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
            progress: Mutex::default(),
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

    /// Those who listen have been told of an event.
    pub(crate) fn told(&self, entity: &'static str, progress: Progress) {
        // Nothing that holds the lock can panic halfway.
        let mut all = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(entity, progress);
    }

    /// How far they are with each machine that somebody has listened to.
    #[cfg(feature = "metrics")]
    pub(crate) fn progress(&self) -> BTreeMap<&'static str, Progress> {
        let all = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
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
