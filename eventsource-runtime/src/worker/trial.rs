//! Careful tries of events at which workers may have died.
//!
//! An event that ends the process, by an abort or by all of its memory, leaves no error behind. So a shard
//! of a worker that died is tried with care: its row counts the tries before they begin, each comes with
//! fewer events than the one before, and in the end the shard halts at the one event that is left.

use std::sync::Arc;

use eventsource_core::{Position, Store};
use tokio::sync::{Mutex, MutexGuard};

use crate::contract::event::SourceEvent;
use crate::contract::shard_id::ShardId;
use crate::contract::stop::{Halt, Stop};
use crate::tables::shards::{self, ShardRow};

/// By how much fewer events come with each try, and more after each that has succeeded.
const FACTOR: usize = 16;

/// Tries of an event that end the worker, after which its shard halts.
const TRIES: u32 = 5;

/// Care with the next events of a shard.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// Most events of the next try.
    size: usize,
    /// Position of the first event of the try that was counted last.
    counted: Option<Position>,
}

impl Trial {
    /// Begins with care if the last worker of the shard died; `batch`: events of an ordinary batch.
    pub(crate) fn of(row: &ShardRow, batch: usize) -> Option<Self> {
        let died = row.abandoned || row.attempts > 0;
        let divisor = FACTOR.saturating_pow(row.attempts);
        died.then(|| Self {
            size: (batch / divisor).max(1),
            counted: None,
        })
    }

    /// Returns how many events may be tried at once.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Counts a try of these events before it begins; what is returned is held until it has ended.
    ///
    /// A single event is tried while no other is, so that it is the one to blame.
    ///
    /// # Errors
    /// [`Stop::Halt`] if it was tried often enough; [`Stop::Lost`]; [`Stop::Store`].
    pub(crate) async fn begin<'a>(
        &mut self,
        store: &Store,
        alone: &'a Mutex<()>,
        id: &ShardId,
        epoch: u64,
        events: &[Arc<SourceEvent>],
    ) -> Result<Option<MutexGuard<'a, ()>>, Stop> {
        let [first, rest @ ..] = events else {
            return Ok(None);
        };
        let turn = match rest.is_empty() {
            true => Some(alone.lock().await),
            false => None,
        };
        // Tried before by this worker, which has lived on.
        if self.counted != Some(first.position) {
            let attempts = shards::count_attempt(store, id, epoch).await?;
            if rest.is_empty() && attempts > TRIES {
                return Err(Stop::Halt(Halt {
                    position: first.position,
                    event_id: first.event_id,
                    error: format!(
                        "{TRIES} workers ended while they worked on this event, as by an abort or \
                         for lack of memory"
                    ),
                }));
            }
            self.counted = Some(first.position);
        }
        Ok(turn)
    }

    /// Takes more events the next time, after a try that has succeeded; `None` if care is over.
    pub(crate) fn succeeded(self, batch: usize) -> Option<Self> {
        let size = self.size.saturating_mul(FACTOR);
        (self.size < batch).then_some(Self {
            size,
            counted: None,
        })
    }
}
