//! Entry points of the feed on Postgres.

use crate::store::contract::driver::FeedDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::feed::{FeedEvent, FeedRead, FeedWindow};
use crate::store::contract::feed_notifier::FeedReceiver;
use crate::store::contract::names::Names;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::PayloadText;
use crate::store::postgres::feed::read;
use crate::store::postgres::handle::Postgres;
use crate::store::postgres::retry;
use crate::{Error, Position};

impl FeedDriver for Postgres {
    fn notify_feed(&self) {
        self.feed.appended();
    }

    async fn catch_up(&self, names: &Names) -> Result<Position, Error> {
        if self.reads_replica {
            // A replica has the positions of the primary, and cannot give any.
            return retry::read(self.reader(), || read::last_position(self.reader(), names)).await;
        }
        self.feed.catch_up(&self.pool, names).await
    }

    async fn committed_position(&self, names: &Names) -> Result<Position, Error> {
        self.feed.committed_position(&self.pool, names).await
    }

    async fn given_position(&self, names: &Names, wanted: Position) -> Result<Position, Error> {
        // A replica may be behind what the primary has given.
        if !self.reads_replica && self.feed.has_given(wanted) {
            return Ok(wanted);
        }
        retry::read(self.reader(), || read::last_position(self.reader(), names)).await
    }

    async fn feed_of_store(
        &self,
        names: &Names,
        window: FeedWindow,
    ) -> Result<Vec<FeedEvent>, Error> {
        retry::read(self.reader(), || {
            read::events_of_store(self.reader(), names, window)
        })
        .await
    }

    async fn feed_of_machine(
        &self,
        context: &EntityContext,
        window: FeedWindow,
    ) -> Result<FeedRead<(Position, ReadRow<PayloadText>)>, Error> {
        retry::read(self.reader(), || {
            read::events_of_machine(self.reader(), context, window)
        })
        .await
    }

    fn subscribe(&self, names: &Names) -> FeedReceiver {
        self.feed.subscribe(names)
    }
}
