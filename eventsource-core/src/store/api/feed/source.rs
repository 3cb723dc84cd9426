//! Sources of a feed: one machine's events, or those of the whole store.

use crate::store::api::store::Store;
use crate::store::contract::feed::FeedWindow;
use crate::{Error, Position};

/// How many events a page has if nothing else is asked for.
const LIMIT: u64 = 1000;

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
/// let rest = lights.feed().after(first.checkpoint).await?;
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
    pub(crate) source: S,
    pub(crate) after: Position,
    pub(crate) limit: u64,
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
    /// let end = store.feed().latest_position().await?;
    /// let news = store.feed().after(end).subscribe();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn latest_position(self) -> Result<Position, Error> {
        self.source.store().catch_up().await
    }
}

/// What a [`Feed`](crate::Feed) reads from: a [`Store`] has that something happened to any of its
/// entities, an [`EventStore`] has the events of its machine.
///
/// ```
/// use eventsource_core::{Error, FeedSource, Position};
///
/// async fn how_many<S: FeedSource>(source: &S) -> Result<usize, Error> {
///     Ok(source.feed().after(Position::START).await?.events.len())
/// }
/// ```
pub trait FeedSource: Clone + Send + Sync + Sized + 'static + sealed::Sealed {
    /// What is read.
    type Event: Send + 'static;

    /// What has happened, in order. Await the builder that is returned, or follow it.
    fn feed(&self) -> crate::Feed<Self> {
        crate::Feed::new(self.clone())
    }

    #[doc(hidden)]
    fn position(event: &Self::Event) -> Position;

    #[doc(hidden)]
    fn store(&self) -> &Store;

    #[doc(hidden)]
    fn read(
        &self,
        window: FeedWindow,
    ) -> impl Future<Output = Result<Vec<Self::Event>, Error>> + Send;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Store {}
    impl<E: crate::Event> Sealed for crate::EventStore<E> {}
}
