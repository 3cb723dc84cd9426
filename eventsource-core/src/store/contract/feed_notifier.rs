//! Word that the feed may have grown.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Tells everyone who has subscribed. It says that there may be something, never what.
#[derive(Clone, Debug)]
pub(crate) struct News(watch::Sender<()>);

impl Default for News {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl News {
    pub(crate) fn tell(&self) {
        self.0.send_replace(());
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        self.subscribe_with(Arc::new(()))
    }

    /// `kept` lives as long as the subscription: what makes the news, say.
    pub(crate) fn subscribe_with(&self, kept: Arc<dyn Any + Send + Sync>) -> Subscription {
        Subscription {
            news: self.0.subscribe(),
            _kept: kept,
        }
    }
}

pub(crate) struct Subscription {
    news: watch::Receiver<()>,
    _kept: Arc<dyn Any + Send + Sync>,
}

impl Subscription {
    /// What was told until now is known.
    pub(crate) fn look(&mut self) {
        self.news.mark_unchanged();
    }

    /// Until there are news since the last look, or the time is up. Returns whether there are.
    pub(crate) async fn wait(&mut self, patience: Duration) -> bool {
        let told = tokio::time::timeout(patience, self.news.changed()).await;
        // Nobody is left to tell: only time passes then.
        match told {
            Ok(Ok(())) => true,
            Ok(Err(_)) => {
                tokio::time::sleep(patience).await;
                false
            }
            Err(_) => false,
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
