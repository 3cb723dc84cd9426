//! The callers of one process take turns, and share what one of them finds.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::{Error, Position};

#[derive(Debug, Default)]
pub(crate) struct SingleFlight {
    begun: AtomicU64,
    done: Mutex<Done>,
}

/// The last run that succeeded, and how far it got.
#[derive(Debug, Default)]
struct Done {
    run: u64,
    position: Position,
}

impl SingleFlight {
    /// What `run` returns, or what it returned to another caller if that run began after this call.
    pub(crate) async fn take<F>(&self, run: impl FnOnce() -> F) -> Result<Position, Error>
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
