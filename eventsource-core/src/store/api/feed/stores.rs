//! Sources of a feed: a store, and the events of one machine.

use crate::store::api::event_store::EventStore;
use crate::store::api::feed::source::FeedSource;
use crate::store::api::store::Store;
use crate::store::contract::driver::FeedDriver;
use crate::store::contract::feed::{FeedEvent, FeedRead, FeedWindow};
use crate::store::database::on_database;
use crate::{Error, Event, EventResult, Position};

impl FeedSource for Store {
    type Event = FeedEvent;

    fn position(event: &FeedEvent) -> Position {
        event.position
    }

    fn store(&self) -> &Store {
        self
    }

    async fn read(&self, window: FeedWindow) -> Result<FeedRead<FeedEvent>, Error> {
        let names = self.shared_names();
        let events =
            on_database!(&self.database, backend => backend.feed_of_store(&names, window).await)?;
        Ok(FeedRead {
            count: events.len() as u64,
            bytes: 0,
            has_more: events.len() as u64 >= window.limit,
            last: events.last().map(|event| event.position),
            events,
        })
    }
}

impl<E: Event> FeedSource for EventStore<E> {
    type Event = (Position, EventResult<E>);

    fn position(event: &Self::Event) -> Position {
        event.0
    }

    fn store(&self) -> &Store {
        &self.store
    }

    async fn read(&self, window: FeedWindow) -> Result<FeedRead<Self::Event>, Error> {
        self.read_feed(window).await
    }
}

impl Store {
    /// Begins a read of the feed of all machines: which entity has a new event.
    ///
    /// Await the builder for a page, or subscribe.
    pub fn feed(&self) -> crate::Feed<Self> {
        FeedSource::feed(self)
    }

    /// Gives all events committed before this call a position; returns the last one.
    pub(crate) async fn catch_up(&self) -> Result<Position, Error> {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.catch_up(&names).await)
    }

    /// As [`catch_up`](Self::catch_up), or fails.
    pub(crate) async fn committed_position(&self) -> Result<Position, Error> {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.committed_position(&names).await)
    }

    /// Returns a position that was given: at least `wanted`, or the last one.
    pub(crate) async fn given_position(&self, wanted: Position) -> Result<Position, Error> {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.given_position(&names, wanted).await)
    }

    /// Returns a receiver of the notice that there may be new events.
    pub(crate) fn subscribe(&self) -> crate::store::contract::feed_notifier::FeedReceiver {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.subscribe(&names))
    }
}

impl<E: Event> EventStore<E> {
    /// Begins a read of the feed: the events of all entities of this machine, in the order of the
    /// store, an unreadable one in its place.
    ///
    /// Await the builder for a page, or subscribe.
    pub fn feed(&self) -> crate::Feed<Self> {
        FeedSource::feed(self)
    }
}
