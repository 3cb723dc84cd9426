//! Telling that the service is about to stop.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells streams, which have no end of their own, to end. Clones speak of the same service.
///
/// ```
/// use eventsource_rest::Shutdown;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let shutdown = Shutdown::new();
/// let watcher = shutdown.clone();
/// shutdown.trigger();
/// watcher.triggered().await;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// One that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Begins; there is no way back.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Completes once it has begun.
    pub async fn triggered(&self) {
        // The sender lives as long as `self`, so this waits for the value and never fails.
        let _ = self.0.subscribe().wait_for(|triggered| *triggered).await;
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}
