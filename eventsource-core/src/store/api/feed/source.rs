//! Feed of a machine or of a whole store, and the sources it reads from.

use crate::store::api::store::Store;
use crate::store::contract::feed::{FeedRead, FeedWindow};
use crate::{Error, Position};

/// Default number of events in a page.
const DEFAULT_LIMIT: u64 = 1000;

/// Events in their one global order: await it for a page, or [`subscribe`](Self::subscribe).
///
/// Positions are given after the commit, without gaps. No event ever appears before one that was
/// read, and the events of an entity are in the order of its stream. A read of the feed gives the
/// events that have been committed their positions, so no other process has to run; a
/// [`Sequencer`] in the background gives them sooner.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Feed, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
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
/// let (position, recorded) = rest.events[0].clone();
/// let recorded = recorded?;
/// assert_eq!(recorded.entity_id, hall);
/// assert_eq!(Feed::distance(first.checkpoint, position), 1);
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
    /// Last position of the window; without one, pages go on to the latest event.
    pub(crate) up_to: Option<Position>,
    pub(crate) limit: u64,
    pub(crate) max_bytes: Option<u64>,
}

impl<S: FeedSource> Feed<S> {
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            after: Position::START,
            up_to: None,
            limit: DEFAULT_LIMIT,
            max_bytes: None,
        }
    }

    /// Starts the page after this position.
    pub fn after(mut self, position: Position) -> Self {
        self.after = position;
        self
    }

    /// Ends the page at this position at the latest; such a read gives no events their positions.
    ///
    /// For several machines in one order: pages of each, all up to the same position, hold exactly the
    /// events that come next. An event that gets its position later lies after `position`, if that was
    /// returned by a feed. A page that [`limit`](Self::limit) or [`max_bytes`](Self::max_bytes) has
    /// ended early says so by its [checkpoint](crate::FeedPage::checkpoint). A
    /// [subscription](Self::subscribe) has no end, and ignores it.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventStore, Position};
    /// # async fn example<A: Event, B: Event>(
    /// #     orders: EventStore<A>, payments: EventStore<B>, checkpoint: Position,
    /// # ) -> Result<(), Error> {
    /// let latest = orders.feed().latest_position().await?;
    /// let ordered = orders.feed().after(checkpoint).up_to(latest).await?;
    /// let paid = payments.feed().after(checkpoint).up_to(ordered.checkpoint).await?;
    /// // What both pages hold is complete up to here.
    /// let checkpoint = ordered.checkpoint.min(paid.checkpoint);
    /// # let _ = checkpoint;
    /// # Ok(())
    /// # }
    /// ```
    pub fn up_to(mut self, position: Position) -> Self {
        self.up_to = Some(position);
        self
    }

    /// Limits a page to this many events, 1 or more; the default is 1000.
    pub fn limit(mut self, events: u64) -> Self {
        self.limit = events.max(1);
        self
    }

    /// Ends a page early, with the event whose payload makes them this many bytes together; the page
    /// has at least one event, if there is one.
    ///
    /// Without it a page has up to [`limit`](Self::limit) events, however large; a
    /// [subscription](Self::subscribe) reads pages of 4 MiB.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Returns the position of the last committed event of the store, of whatever machine;
    /// [`Position::START`] if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Store};
    /// # async fn example(store: Store) -> Result<(), Error> {
    /// // Only the events from now on.
    /// let latest = store.feed().latest_position().await?;
    /// let subscription = store.feed().after(latest).subscribe();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn latest_position(self) -> Result<Position, Error> {
        self.source.store().catch_up().await
    }

    /// Returns a position at or after every event that was committed before this call.
    ///
    /// Unlike [`latest_position`](Self::latest_position) it fails where events cannot be given their
    /// positions, and if another process is giving them it waits until that one has come far enough.
    /// Who has read up to this position has read everything that was committed. A store that
    /// [reads from a replica](Store::read_from_replica) asks the primary.
    ///
    /// # Errors
    /// [`Error::CannotSequence`] if this role or server may give no positions;
    /// [`Error::Unavailable`], [`Error::Database`].
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Position, Store};
    /// # async fn example(store: Store, checkpoint: Position) -> Result<(), Error> {
    /// let committed = store.feed().committed_position().await?;
    /// let is_level = checkpoint >= committed;
    /// # let _ = is_level;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn committed_position(self) -> Result<Position, Error> {
        self.source.store().committed_position().await
    }
}

impl Feed<Store> {
    /// Returns the number of positions after `from`, up to `to`: how many events a reader at `from`
    /// has not read yet; 0 if it is further.
    ///
    /// ```
    /// use eventsource_core::{Feed, Position};
    ///
    /// let (checkpoint, latest) = ("7".parse::<Position>()?, "9".parse::<Position>()?);
    /// assert_eq!(Feed::distance(checkpoint, latest), 2);
    /// assert_eq!(Feed::distance(latest, checkpoint), 0);
    /// # Ok::<_, eventsource_core::InvalidPosition>(())
    /// ```
    #[must_use]
    pub fn distance(from: Position, to: Position) -> u64 {
        to.get().saturating_sub(from.get())
    }
}

/// Source of a [`Feed`]: a [`Store`] or an [`EventStore`](crate::EventStore).
///
/// The feed of a [`Store`] says which entity of which machine has a new event; the feed of an
/// [`EventStore`](crate::EventStore) has the events of its machine. For functions that read either:
///
/// ```
/// use eventsource_core::{Error, FeedSource, Position};
///
/// async fn how_many<S: FeedSource>(source: &S) -> Result<usize, Error> {
///     Ok(source.feed().after(Position::START).await?.events.len())
/// }
/// ```
pub trait FeedSource: Clone + Send + Sync + Sized + 'static + sealed::Sealed {
    /// Event of the feed.
    type Event: Send + 'static;

    /// Begins a read of the feed: await the builder for a page, or subscribe.
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
    ) -> impl Future<Output = Result<FeedRead<Self::Event>, Error>> + Send;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Store {}
    impl<E: crate::Event> Sealed for crate::EventStore<E> {}
}
