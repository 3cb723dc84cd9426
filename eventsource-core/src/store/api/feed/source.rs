//! What can be read in the order of the feed: one machine's events, or all.

use std::future::Future;

use crate::store::api::decode::recorded;
use crate::store::contract::driver::FeedDriver;
use crate::store::contract::feed::Window;
use crate::store::database::on_database;
use crate::{Error, Event, EventStore, FeedEvent, Position, RecordedEvent, Store};

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
    fn read(&self, window: Window) -> impl Future<Output = Result<Vec<Self::Event>, Error>> + Send;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Store {}
    impl<E: crate::Event> Sealed for crate::EventStore<E> {}
}

impl FeedSource for Store {
    type Event = FeedEvent;

    fn position(event: &FeedEvent) -> Position {
        event.position
    }

    fn store(&self) -> &Store {
        self
    }

    async fn read(&self, window: Window) -> Result<Vec<FeedEvent>, Error> {
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

    async fn read(&self, window: Window) -> Result<Vec<Self::Event>, Error> {
        let table = &*self.table;
        on_database!(&self.store.database, backend => backend.feed_of_machine(table, window).await)?
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

    pub(crate) fn subscribe(&self) -> crate::store::contract::feed_notifier::Subscription {
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
