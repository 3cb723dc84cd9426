//! Page of a feed.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::api::feed::source::{Feed, FeedSource};
use crate::store::contract::feed::FeedWindow;
use crate::store::contract::stream_range::PageSize;
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
    /// Past the last event of the page if events follow it that are of other machines, or that the
    /// reader of the handle may not read: a page may have none at all and not be the last.
    pub checkpoint: Position,
    /// Whether events, of whatever machine, had positions after the checkpoint when the page was read;
    /// of a page [up to](Feed::up_to) a position, whether it ended before that.
    pub has_more: bool,
}

/// Range of a page, and what is known from the page before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageStart {
    pub(crate) after: Position,
    /// Last position of the page, if it has one: then the feed does not catch up.
    pub(crate) up_to: Option<Position>,
    /// Most events of the page.
    pub(crate) limit: u64,
    /// Events to ask for at once, and the bytes that end the page.
    pub(crate) size: PageSize,
    /// Position up to which events have positions: only beyond it the feed catches up first.
    pub(crate) known: Position,
}

/// Reads a page; returns it with the start of the next one.
pub(crate) async fn page<S: FeedSource>(
    source: &S,
    start: PageStart,
) -> Result<(FeedPage<S::Event>, PageStart), Error> {
    let PageStart {
        after,
        up_to,
        limit,
        mut size,
        known,
    } = start;
    let last = match up_to {
        Some(up_to) => up_to.min(source.store().given_position(up_to).await?),
        None if known > after => known,
        None => source.store().catch_up().await?,
    };
    // Those of entities that the reader may not read count too, so that a page does not search for
    // others through the whole feed.
    let (mut count, mut bytes) = (0, 0);
    let mut page = FeedPage {
        events: Vec::new(),
        checkpoint: after,
        has_more: false,
    };
    let mut window_size = limit.min(MAX_WINDOW);
    while page.checkpoint < last {
        let room = limit - count;
        let up_to = last.min(Position::new(
            page.checkpoint.get().saturating_add(window_size),
        ));
        let window = FeedWindow {
            after: page.checkpoint,
            up_to,
            limit: room.min(size.events()),
            max_bytes: size.max_bytes() - bytes,
        };
        let read = source.read(window).await?;
        page.checkpoint = match read.last {
            Some(last) if read.has_more => last,
            _ => up_to,
        };
        (count, bytes) = (count + read.count, bytes + read.bytes);
        if read.count > 0 {
            size = size.after(read.count, read.bytes);
        }
        page.events.extend(read.events);
        if count >= limit || bytes >= size.max_bytes() {
            break;
        }
        if !read.has_more {
            window_size = (window_size * 2).min(MAX_WINDOW);
        }
    }
    page.has_more = page.checkpoint < last;
    let next = PageStart {
        after: page.checkpoint,
        size,
        known: last,
        ..start
    };
    Ok((page, next))
}

/// # Errors
/// [`Error::Unavailable`], [`Error::Database`]. An event that cannot be read is one of the page, in its
/// place.
impl<S: FeedSource> IntoFuture for Feed<S> {
    type Output = Result<FeedPage<S::Event>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let start = PageStart {
                after: self.after,
                up_to: self.up_to,
                limit: self.limit,
                size: PageSize::first(self.max_bytes.unwrap_or(u64::MAX)),
                known: Position::START,
            };
            let (page, _) = page(&self.source, start).await?;
            Ok(page)
        })
    }
}
