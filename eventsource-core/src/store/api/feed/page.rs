//! Pages of a feed.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::api::feed::source::{Feed, FeedSource};
use crate::store::contract::feed::FeedWindow;
use crate::{Error, Position};

/// The most positions to look at in one query, for a machine whose events are few among many.
const WIDEST: u64 = 1 << 16;

/// A part of the feed.
///
/// ```no_run
/// # use eventsource_core::{Error, Position, Store};
/// # async fn example(store: Store) -> Result<(), Error> {
/// let mut checkpoint = Position::START;
/// loop {
///     let page = store.feed().after(checkpoint).await?;
///     if page.checkpoint == checkpoint {
///         break Ok(());
///     }
///     checkpoint = page.checkpoint;
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedPage<T> {
    /// The events, oldest first.
    pub events: Vec<T>,
    /// Where the next page begins: all that was asked for, up to here, is in this one. Past the
    /// last event if what followed was of other machines.
    pub checkpoint: Position,
}

/// A page, and the last position that there was: up to `known` there is nothing to catch up with.
pub(crate) async fn page<S: FeedSource>(
    source: &S,
    after: Position,
    limit: u64,
    known: Position,
) -> Result<(FeedPage<S::Event>, Position), Error> {
    let last = match known > after {
        true => known,
        false => source.store().catch_up().await?,
    };
    let mut page = FeedPage {
        events: Vec::new(),
        checkpoint: after,
    };
    let mut wide = limit.min(WIDEST);
    while page.checkpoint < last {
        let room = limit - page.events.len() as u64;
        let up_to = last.min(Position::new(page.checkpoint.get().saturating_add(wide)));
        let window = FeedWindow {
            after: page.checkpoint,
            up_to,
            limit: room,
        };
        let events = source.read(window).await?;
        let full = events.len() as u64 == room;
        page.checkpoint = match events.last() {
            Some(event) if full => S::position(event),
            _ => up_to,
        };
        page.events.extend(events);
        if full {
            break;
        }
        wide = (wide * 2).min(WIDEST);
    }
    Ok((page, last))
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`], [`Error::Payload`] if a stored payload no longer
/// fits the enum.
impl<S: FeedSource> IntoFuture for Feed<S> {
    type Output = Result<FeedPage<S::Event>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (page, _) = page(&self.source, self.after, self.limit, Position::START).await?;
            Ok(page)
        })
    }
}
