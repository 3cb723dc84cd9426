//! Signal of a graceful shutdown.

use std::sync::Arc;

use tokio::sync::watch;

/// Shutdown signal, which ends the streams of a service so that its server can stop.
///
/// Clones share one signal. [`serve`](crate::serve) triggers it by itself; an application with its
/// own server gives one to [`Service::shutdown_signal`](crate::Service::shutdown_signal).
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
    /// Creates a signal that has not been triggered.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Triggers the shutdown; it cannot be undone.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the shutdown is triggered.
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
