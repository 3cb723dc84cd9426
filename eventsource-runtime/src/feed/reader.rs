//! Pages of one machine, which the shards that are level share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use eventsource_core::{Error, Position};

use crate::contract::source::{Page, Source};

/// Pages that are kept: the one that is worked on, and the one read ahead.
const KEPT: usize = 2;

/// Reader of one machine.
///
/// The shards of a subscription ask for the page after their own position. Those that are level get the
/// same page, which is read once; a shard that is far behind reads its own.
pub(crate) struct Reader {
    source: Arc<dyn Source>,
    /// Pages that follow one another, the newest last.
    kept: Mutex<VecDeque<Arc<Page>>>,
    /// Held while the page after the newest is read.
    ahead: tokio::sync::Mutex<()>,
}

impl Reader {
    /// Creates the reader of a machine.
    pub(crate) fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            kept: Mutex::default(),
            ahead: tokio::sync::Mutex::default(),
        }
    }

    /// Returns a page that has the events after a position, and may have some before it.
    ///
    /// Its end is the position itself if no event of any machine follows.
    pub(crate) async fn page(&self, after: Position) -> Result<Arc<Page>, Error> {
        if let Some(page) = self.kept(after) {
            return Ok(page);
        }
        if self.is_behind(after) {
            return self.source.read(after).await.map(Arc::new);
        }
        let _ahead = self.ahead.lock().await;
        if let Some(page) = self.kept(after) {
            return Ok(page);
        }
        let page = Arc::new(self.source.read(after).await?);
        // An empty window is asked for again.
        if page.up_to > after {
            self.keep(&page);
        }
        Ok(page)
    }

    fn kept(&self, after: Position) -> Option<Arc<Page>> {
        let kept = self.pages();
        kept.iter().find(|page| page.has_next(after)).cloned()
    }

    fn is_behind(&self, after: Position) -> bool {
        self.pages().front().is_some_and(|page| after < page.after)
    }

    fn keep(&self, page: &Arc<Page>) {
        let mut kept = self.pages();
        if kept.back().is_some_and(|newest| newest.up_to != page.after) {
            kept.clear();
        }
        kept.push_back(page.clone());
        while kept.len() > KEPT {
            kept.pop_front();
        }
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Page>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    /// Tells whether the event after a position, if it is of this machine, is in the page.
    fn has_next(&self, after: Position) -> bool {
        self.after <= after && after < self.up_to
    }
}
