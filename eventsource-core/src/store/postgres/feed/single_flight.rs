//! Single flight: concurrent callers of one process share one run of the sequencer.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::{Error, Position};

/// Counter of runs with the result of the last one.
#[derive(Debug, Default)]
pub(crate) struct SingleFlight {
    begun: AtomicU64,
    done: Mutex<Done>,
}

/// Last run that succeeded, with its result.
#[derive(Debug, Default)]
struct Done {
    run: u64,
    position: Position,
}

impl SingleFlight {
    /// Returns the result of `run`, or that of another caller's run that began after this call.
    pub(crate) async fn run<F>(&self, run: impl FnOnce() -> F) -> Result<Position, Error>
    where
        F: Future<Output = Result<Position, Error>>,
    {
        let begun = self.begun.load(Ordering::SeqCst);
        let mut done = self.done.lock().await;
        if done.run > begun {
            return Ok(done.position);
        }
        let this = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let position = run().await?;
        *done = Done {
            run: this,
            position,
        };
        Ok(position)
    }
}
