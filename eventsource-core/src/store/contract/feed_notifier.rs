//! Word that the feed may have grown.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Tells everyone who has subscribed. It says that there may be something, never what.
#[derive(Clone, Debug)]
pub(crate) struct FeedNotifier(watch::Sender<()>);

impl Default for FeedNotifier {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl FeedNotifier {
    pub(crate) fn notify(&self) {
        self.0.send_replace(());
    }

    pub(crate) fn subscribe(&self) -> FeedReceiver {
        self.subscribe_with(Arc::new(()))
    }

    /// `kept` lives as long as the subscription: what makes the news, say.
    pub(crate) fn subscribe_with(&self, kept: Arc<dyn Any + Send + Sync>) -> FeedReceiver {
        FeedReceiver {
            changes: self.0.subscribe(),
            _kept: kept,
        }
    }
}

pub(crate) struct FeedReceiver {
    changes: watch::Receiver<()>,
    _kept: Arc<dyn Any + Send + Sync>,
}

impl FeedReceiver {
    /// What was told until now is known.
    pub(crate) fn mark_seen(&mut self) {
        self.changes.mark_unchanged();
    }

    /// Until there are news since the last look, or the time is up. Returns whether there are.
    pub(crate) async fn wait(&mut self, timeout: Duration) -> bool {
        let told = tokio::time::timeout(timeout, self.changes.changed()).await;
        // Nobody is left to tell: only time passes then.
        match told {
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
        f.write_str("Subscription")
    }
}
