//! Access to the snapshots of one entity type, as far as the program has tried it.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// Maximum number of snapshots that a program writes at a time; further ones are left to later
/// readers.
pub(crate) const WRITERS: usize = 4;

/// Time after which a program without access to the snapshots tries again.
pub(crate) const RETRY_AFTER: Duration = Duration::from_mins(1);

/// State of a program's access to the snapshots of one entity type.
pub(crate) struct SnapshotState {
    /// Pause of reads, since there is no table of snapshots that the program may read.
    pub(crate) absent: Pause,
    /// Pause of writes, since the program may not write snapshots.
    pub(crate) forbidden: Pause,
    /// Limit of concurrent writes.
    pub(crate) writers: Arc<Semaphore>,
    /// Fingerprint of each fold type, since tracing a type takes a while.
    pub(crate) fingerprints: Mutex<HashMap<TypeId, u64>>,
}

impl Default for SnapshotState {
    fn default() -> Self {
        Self {
            absent: Pause::default(),
            forbidden: Pause::default(),
            writers: Arc::new(Semaphore::new(WRITERS)),
            fingerprints: Mutex::default(),
        }
    }
}

/// Pause after a refusal, during which the request is not repeated.
#[derive(Default)]
pub(crate) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    /// Begins the pause, or begins it anew.
    pub(crate) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Returns whether the pause has begun and is not over.
    pub(crate) fn is_on(&self) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < RETRY_AFTER)
    }
}
