//! Page of a feed.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::api::feed::source::{Feed, FeedSource};
use crate::store::contract::feed::FeedWindow;
use crate::{Error, Position};

/// Most positions that one query covers, for a machine with few events among those of others.
const MAX_WINDOW: u64 = 1 << 16;

/// Page of the feed, as awaiting a [`Feed`] returns it.
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
    /// Events of the page, oldest first.
    pub events: Vec<T>,
    /// Checkpoint: the next page is [`after`](Feed::after) this position.
    ///
    /// Past the last event of the page if events of other machines follow it.
    pub checkpoint: Position,
}

/// Reads a page; returns it with the last position of the store.
///
/// Events up to `known` have positions: only beyond it the feed catches up first.
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
    let mut window_size = limit.min(MAX_WINDOW);
    while page.checkpoint < last {
        let room = limit - page.events.len() as u64;
        let up_to = last.min(Position::new(
            page.checkpoint.get().saturating_add(window_size),
        ));
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
        window_size = (window_size * 2).min(MAX_WINDOW);
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
