//! Reading the feed page by page.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::store::api::feed::source::FeedSource;
use crate::store::contract::feed::Window;
use crate::{Error, Follow, Position};

/// How many events a page has if nothing else is asked for.
const LIMIT: u64 = 1000;

/// The most positions to look at in one query, for a machine whose events are few among many.
const WIDEST: u64 = 1 << 16;

/// The events of a store in their one order: await it for a page, or [`follow`](Self::follow) it.
///
/// A position is given after the commit, densely. No event ever appears before one that was read,
/// and the events of an entity are in the order of its stream. Whoever reads first gives what
/// has been committed its positions, so no other process has to run; a [`Sequencer`] in the
/// background does it sooner.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let (hall, attic) = (EntityId::new(), EntityId::new());
/// lights.append(hall, LightEvent::Lit { watts: 60 }).await?;
/// lights.append(attic, LightEvent::Lit { watts: 40 }).await?;
/// lights.append(hall, LightEvent::PutOut).await?;
///
/// let first = lights.feed().limit(2).await?;
/// assert_eq!(first.events.len(), 2);
/// let rest = lights.feed().after(first.up_to).await?;
/// let (position, recorded) = &rest.events[0];
/// assert_eq!((position.get(), recorded.entity_id), (3, hall));
/// assert_eq!(recorded.event, LightEvent::PutOut);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
///
/// [`Sequencer`]: crate::Sequencer
#[derive(Clone, Debug)]
#[must_use = "a feed is read when it is awaited"]
pub struct Feed<S: FeedSource> {
    source: S,
    after: Position,
    limit: u64,
}

/// A part of the feed.
///
/// ```no_run
/// # use eventsource_core::{Error, Position, Store};
/// # async fn example(store: Store) -> Result<(), Error> {
/// let mut checkpoint = Position::START;
/// loop {
///     let page = store.feed().after(checkpoint).await?;
///     if page.up_to == checkpoint {
///         break Ok(());
///     }
///     checkpoint = page.up_to;
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
    pub up_to: Position,
}

impl<S: FeedSource> Feed<S> {
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            after: Position::START,
            limit: LIMIT,
        }
    }

    /// Only the events after this one.
    pub fn after(mut self, position: Position) -> Self {
        self.after = position;
        self
    }

    /// No more than this many events in a page, 1 or more; 1000 if not given.
    pub fn limit(mut self, events: u64) -> Self {
        self.limit = events.max(1);
        self
    }

    /// The events one by one, those that are there and then those that come. Two pages of them are
    /// in memory at a time: while one is handed out the next is read.
    #[must_use]
    pub fn follow(self) -> Follow<S> {
        Follow::new(self.source, self.after, self.limit)
    }

    /// Where the feed ends now: the position of the last event of the store that is committed, of
    /// whatever machine. [`Position::START`] if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Store};
    /// # async fn example(store: Store) -> Result<(), Error> {
    /// // Only what happens from now on.
    /// let end = store.feed().end().await?;
    /// let news = store.feed().after(end).follow();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn end(self) -> Result<Position, Error> {
        self.source.store().catch_up().await
    }

    async fn read(self) -> Result<FeedPage<S::Event>, Error> {
        let page = page(&self.source, self.after, self.limit, Position::START).await?;
        Ok(page.0)
    }
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
        up_to: after,
    };
    let mut wide = limit.min(WIDEST);
    while page.up_to < last {
        let room = limit - page.events.len() as u64;
        let up_to = last.min(Position::new(page.up_to.get().saturating_add(wide)));
        let window = Window {
            after: page.up_to,
            up_to,
            limit: room,
        };
        let events = source.read(window).await?;
        let full = events.len() as u64 == room;
        page.up_to = match events.last() {
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
        Box::pin(self.read())
    }
}
