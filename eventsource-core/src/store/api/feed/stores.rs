//! Feeds of a store and of the events of one machine.

use crate::store::api::decode::recorded;
use crate::store::api::event_store::EventStore;
use crate::store::api::feed::source::FeedSource;
use crate::store::api::store::Store;
use crate::store::contract::driver::FeedDriver;
use crate::store::contract::feed::{FeedEvent, FeedWindow};
use crate::store::database::on_database;
use crate::{Error, Event, Position, RecordedEvent};

impl FeedSource for Store {
    type Event = FeedEvent;

    fn position(event: &FeedEvent) -> Position {
        event.position
    }

    fn store(&self) -> &Store {
        self
    }

    async fn read(&self, window: FeedWindow) -> Result<Vec<FeedEvent>, Error> {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.feed_of_store(&names, window).await)
    }
}

impl<E: Event> FeedSource for EventStore<E> {
    type Event = (Position, RecordedEvent<E>);

    fn position(event: &Self::Event) -> Position {
        event.0
    }

    fn store(&self) -> &Store {
        &self.store
    }

    async fn read(&self, window: FeedWindow) -> Result<Vec<Self::Event>, Error> {
        let context = &*self.context;
        on_database!(&self.store.database, backend => backend.feed_of_machine(context, window).await)?
            .into_iter()
            .map(|(position, row)| Ok((position, recorded(row)?)))
            .collect()
    }
}

impl Store {
    /// That something happened, to any entity, in order. Await the builder that is returned.
    pub fn feed(&self) -> crate::Feed<Self> {
        FeedSource::feed(self)
    }

    /// Whatever was committed before this call has a position after it.
    pub(crate) async fn catch_up(&self) -> Result<Position, Error> {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.catch_up(&names).await)
    }

    pub(crate) fn subscribe(&self) -> crate::store::contract::feed_notifier::FeedReceiver {
        let names = self.shared_names();
        on_database!(&self.database, backend => backend.subscribe(&names))
    }
}

impl<E: Event> EventStore<E> {
    /// The events of all entities of this machine, in the order of the store. Await the builder
    /// that is returned, or follow it.
    pub fn feed(&self) -> crate::Feed<Self> {
        FeedSource::feed(self)
    }
}
