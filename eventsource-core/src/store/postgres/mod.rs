//! The store on Postgres 15 and later.

mod again;
mod append;
mod append_sql;
mod counter;
mod entities;
mod errors;
mod feed;
mod group;
mod migrate;
mod prepared;
mod read;
pub(super) mod schema;
mod sql;
mod transaction;
mod write_sql;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::as_of::AsOf;
use super::backend::{Backend, Table};
use super::entities::EntityFilter;
use super::feed::{FeedEvent, Subscription, Window};
use super::migration::{Migration, Registered};
use super::names::Names;
use super::options::StoreOptions;
use super::row::{EventRow, HeadRow, Outcome, Request, SearchFilter, StoredRow, Stretch};
use crate::{Error, Position};

use errors::failed;
use feed::Feed;
use group::Group;

#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    pool: PgPool,
    /// One an entity. Clones share them as they share the connections.
    groups: Arc<Mutex<HashMap<&'static str, Arc<Group>>>>,
    feed: Arc<Feed>,
}

impl Postgres {
    pub(super) async fn connect(options: &StoreOptions) -> Result<Self, Error> {
        let connect: PgConnectOptions = options.url.parse().map_err(failed)?;
        let connect = connect.application_name("eventsource").options([
            // Whoever holds a row for long must not hold every connection that waits for it.
            ("lock_timeout", "5s"),
            // Whatever the server's default is: who has waited for a lock must see what was
            // done under it.
            ("default_transaction_isolation", "read committed"),
            // The statement of an append takes longer to plan than to run.
            ("plan_cache_mode", "force_generic_plan"),
            // It takes longer to compile a statement than to run it.
            ("jit", "off"),
        ]);
        // A pool would go on trying a server that is not there; who opens a store wants to know.
        let first = PgConnection::connect_with(&connect).await.map_err(failed)?;
        first.close().await.map_err(failed)?;
        let feed = Arc::new(Feed::new(&connect));
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            // A round trip for every call. Who finds a connection dead tries again anyway.
            .test_before_acquire(false)
            .connect_lazy_with(connect);
        Ok(Self {
            pool,
            groups: Arc::default(),
            feed,
        })
    }

    /// Where loads, histories and searches are sent.
    fn reader(&self) -> &PgPool {
        &self.pool
    }

    fn group(&self, names: &Names) -> Arc<Group> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups
            .entry(names.entity())
            .or_insert_with(|| Arc::new(Group::new(self.pool.clone(), names)));
        Arc::clone(group)
    }
}

impl Backend for Postgres {
    async fn close(&self) {
        self.feed.close().await;
        self.pool.close().await;
    }

    async fn registered(&self, names: &Names) -> Result<Option<Registered>, Error> {
        let registered = || async {
            let mut connection = self.pool.acquire().await.map_err(failed)?;
            migrate::registered(&mut connection, names).await
        };
        again::read(registered).await
    }

    async fn migrate(&self, migration: &Migration) -> Result<(), Error> {
        migrate::migrate(&self.pool, migration).await
    }

    async fn append(
        &self,
        table: &Table,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Error> {
        let group = self.group(&table.names);
        let appended = append::append(&self.pool, &group, table, request, now).await;
        self.feed.appended();
        appended
    }

    async fn head(&self, table: &Table, entity_id: Uuid) -> Result<Option<HeadRow>, Error> {
        again::read(|| read::head(self.reader(), table, entity_id)).await
    }

    async fn head_as_of(
        &self,
        table: &Table,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> Result<Option<HeadRow>, Error> {
        again::read(|| read::head_as_of(self.reader(), table, entity_id, as_of)).await
    }

    async fn event(&self, table: &Table, event_id: Uuid) -> Result<Option<StoredRow>, Error> {
        again::read(|| read::event(self.reader(), table, event_id)).await
    }

    async fn history(
        &self,
        table: &Table,
        entity_id: Uuid,
        stretch: Stretch,
    ) -> Result<Vec<StoredRow>, Error> {
        again::read(|| read::history(self.reader(), table, entity_id, stretch)).await
    }

    async fn search(
        &self,
        table: &Table,
        filter: &SearchFilter,
    ) -> Result<(Vec<StoredRow>, Option<u64>), Error> {
        again::read(|| read::search(self.reader(), table, filter)).await
    }

    async fn entities(
        &self,
        table: &Table,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        again::read(|| entities::entities(self.reader(), table, filter)).await
    }

    async fn catch_up(&self, names: &Names) -> Result<Position, Error> {
        self.feed.catch_up(&self.pool, names).await
    }

    async fn feed(&self, names: &Names, window: Window) -> Result<Vec<FeedEvent>, Error> {
        again::read(|| feed::all(&self.pool, names, window)).await
    }

    async fn feed_of(
        &self,
        table: &Table,
        window: Window,
    ) -> Result<Vec<(Position, EventRow)>, Error> {
        again::read(|| feed::of_entity(&self.pool, table, window)).await
    }

    fn subscribe(&self, names: &Names) -> Subscription {
        self.feed.subscribe(names)
    }
}
