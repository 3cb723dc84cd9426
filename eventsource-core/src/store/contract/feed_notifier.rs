//! Notifications that the feed may have new events.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Sender of notifications that the feed may have new events, without saying which.
#[derive(Clone, Debug)]
pub(crate) struct FeedNotifier(watch::Sender<()>);

impl Default for FeedNotifier {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl FeedNotifier {
    /// Notifies all subscribers.
    pub(crate) fn notify(&self) {
        self.0.send_replace(());
    }

    /// Subscribes to notifications.
    pub(crate) fn subscribe(&self) -> FeedReceiver {
        self.subscribe_with(Arc::new(()))
    }

    /// Subscribes to notifications and keeps `resource` alive meanwhile, such as the task that sends
    /// them.
    pub(crate) fn subscribe_with(&self, resource: Arc<dyn Any + Send + Sync>) -> FeedReceiver {
        FeedReceiver {
            changes: self.0.subscribe(),
            _resource: resource,
        }
    }
}

/// Receiver of notifications that the feed may have new events.
pub(crate) struct FeedReceiver {
    changes: watch::Receiver<()>,
    _resource: Arc<dyn Any + Send + Sync>,
}

impl FeedReceiver {
    /// Marks all notifications until now as seen.
    pub(crate) fn mark_seen(&mut self) {
        self.changes.mark_unchanged();
    }

    /// Waits for an unseen notification until the timeout; returns whether there was one.
    pub(crate) async fn wait(&mut self, timeout: Duration) -> bool {
        let notified = tokio::time::timeout(timeout, self.changes.changed()).await;
        // Without any sender left, no notification can come before the timeout.
        match notified {
            Ok(Ok(())) => true,
            Ok(Err(_)) => {
                tokio::time::sleep(timeout).await;
                false
            }
            Err(_) => false,
        }
    }
}

impl fmt::Debug for FeedReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FeedReceiver")
    }
}
