//! Events of all machines of a subscription, in the order of the feed.

use std::sync::Arc;

use eventsource_core::{Error, Position};
use futures_util::future::try_join_all;

use crate::contract::event::SourceEvent;
use crate::contract::source::Source;
use crate::feed::reader::Reader;

/// Readers of the machines of one subscription.
pub(crate) struct Readers(Vec<Reader>);

/// All events of the machines of a subscription between two positions.
#[derive(Debug)]
pub(crate) struct Window {
    /// Last position of the window; the position it begins after, if nothing follows.
    pub(crate) up_to: Position,
    /// Events in order.
    pub(crate) events: Vec<Arc<SourceEvent>>,
}

impl Readers {
    /// Creates readers of these machines.
    pub(crate) fn new(sources: &[Arc<dyn Source>]) -> Self {
        Self(sources.iter().cloned().map(Reader::new).collect())
    }

    /// Reads the events after a position, as far as the pages of all machines go.
    pub(crate) async fn window(&self, after: Position) -> Result<Window, Error> {
        let pages = try_join_all(self.0.iter().map(|reader| reader.page(after))).await?;
        // What one machine has after the end of another's page may have events of the other before it.
        let up_to = pages.iter().map(|page| page.up_to).min().unwrap_or(after);
        let inside = |event: &&Arc<SourceEvent>| event.position > after && event.position <= up_to;
        let mut events: Vec<_> = pages
            .iter()
            .flat_map(|page| page.events.iter().filter(inside).cloned())
            .collect();
        if pages.len() > 1 {
            events.sort_by_key(|event| event.position);
        }
        let up_to = up_to.max(after);
        Ok(Window { up_to, events })
    }
}
