//! TODO

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// How many snapshots a program writes at a time. Where there are more, a later reader takes them.
pub(crate) const WRITERS: usize = 4;

/// How long a program that may not read or write snapshots does not ask again.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(60);

/// What a program knows of the snapshots of one entity's table.
pub(crate) struct SnapshotState {
    /// Whether there is no table of them, or none that the program may read.
    pub(crate) absent: Pause,
    /// Whether the program may not write them.
    pub(crate) forbidden: Pause,
    pub(crate) writers: Arc<Semaphore>,
    /// Of each type: to ask serde takes a while.
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

/// Something that was refused, and is not asked for again for a while.
#[derive(Default)]
pub(crate) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    pub(crate) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(crate) fn is_on(&self) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < RETRY_AFTER)
    }
}
