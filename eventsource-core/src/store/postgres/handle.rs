//! The store on Postgres 15 and later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::bulk::Purpose;
use crate::store::contract::driver::Backend;
use crate::store::contract::entity_context::Table;
use crate::store::contract::feed::{FeedEvent, Window};
use crate::store::contract::feed_notifier::Subscription;
use crate::store::contract::filters::{EntityFilter, SearchFilter};
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::contract::options::StoreOptions;
use crate::store::contract::request::{Outcome, Request};
use crate::store::contract::rows::{EventRow, HeadRow, StoredRow};
use crate::store::contract::schema_difference::SchemaDrift;
use crate::store::contract::schema_version::Registered;
use crate::store::contract::snapshot::{Kept, SnapshotKey, Tail, Taken};
use crate::store::contract::stream_range::{Stretch, Stretched};
use crate::store::contract::suspects::{HistorySql, Suspects};
use crate::store::postgres::append::group::Group;
use crate::store::postgres::append::run;
use crate::store::postgres::bulk::{export, writer};
use crate::store::postgres::errors::failed;
use crate::store::postgres::feed::handle::Feed;
use crate::store::postgres::feed::read;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::{entities, events};
use crate::store::postgres::schema::{migrate, verify};
use crate::store::postgres::{connect, retry, snapshots};
use crate::{Error, Position};

#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    pool: Pool,
    /// The standby if there is one, else the same.
    replica: Pool,
    /// Whether reads may be a little old.
    stale: bool,
    /// One an entity. Clones share them as they share the connections.
    groups: Arc<Mutex<HashMap<&'static str, Arc<Group>>>>,
    feed: Arc<Feed>,
}

impl Postgres {
    pub(crate) async fn connect(options: &StoreOptions) -> Result<Self, Error> {
        let connections = &options.connections;
        let connect = connect::connect_options(&options.url, connections).map_err(failed)?;
        // A pool would go on trying a server that is not there; who opens a store wants to know.
        let first = PgConnection::connect_with(&connect).await.map_err(failed)?;
        first.close().await.map_err(failed)?;
        let pool = connect::pool(connect.clone(), connections)
            .await
            .map_err(failed)?;
        let replica = match &connections.read_replica {
            None => pool.clone(),
            Some(url) => {
                let connect = connect::connect_options(url, connections).map_err(failed)?;
                connect::pool(connect, connections).await.map_err(failed)?
            }
        };
        Ok(Self {
            pool,
            replica,
            stale: false,
            groups: Arc::default(),
            feed: Arc::new(Feed::new(&connect, connections)),
        })
    }

    /// The same, with reads that may be a little old.
    pub(crate) fn stale_ok(mut self) -> Self {
        self.stale = true;
        self
    }

    /// Where to read what need not be the newest: histories, searches, the feed. Never what decides
    /// about an append.
    fn reader(&self) -> &Pool {
        if self.stale {
            &self.replica
        } else {
            &self.pool
        }
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
    type Import = writer::Writer;
    type Log = export::Log;

    async fn close(&self) {
        self.feed.close().await;
        self.pool.close().await;
        self.replica.close().await;
    }

    async fn registered(&self, names: &Names) -> Result<Option<Registered>, Error> {
        let registered = || async {
            let mut transaction = self.pool.begin().await.map_err(failed)?;
            migrate::registered(&mut transaction, names).await
        };
        retry::read(&self.pool, registered).await
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
        let appended = run::append(&self.pool, &group, table, request, now).await;
        self.feed.appended();
        appended
    }

    async fn has_answered(&self, names: &Names, key: &str) -> Result<bool, Error> {
        retry::read(&self.pool, || events::has_answered(&self.pool, names, key)).await
    }

    async fn bulk(&self, table: &Table, purpose: Purpose) -> Result<writer::Writer, Error> {
        writer::Writer::begin(&self.pool, table, purpose).await
    }

    async fn export(&self, table: &Table) -> Result<export::Log, Error> {
        export::Log::begin(&self.pool, table).await
    }

    async fn verify_schema(&self, migration: &Migration) -> Result<Vec<SchemaDrift>, Error> {
        verify::schema(&self.pool, migration).await
    }

    async fn suspects(&self, sql: &HistorySql, most: u32) -> Result<Suspects, Error> {
        verify::suspects(&self.pool, sql, most).await
    }

    fn tell(&self) {
        self.feed.appended();
    }

    async fn head(&self, table: &Table, entity_id: Uuid) -> Result<Option<HeadRow>, Error> {
        retry::read(&self.pool, || events::head(&self.pool, table, entity_id)).await
    }

    async fn head_as_of(
        &self,
        table: &Table,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> Result<Option<HeadRow>, Error> {
        retry::read(self.reader(), || {
            events::head_as_of(self.reader(), table, entity_id, as_of)
        })
        .await
    }

    async fn event(&self, table: &Table, event_id: Uuid) -> Result<Option<StoredRow>, Error> {
        retry::read(self.reader(), || {
            events::event(self.reader(), table, event_id)
        })
        .await
    }

    async fn history<T: Send>(
        &self,
        table: &Table,
        entity_id: Uuid,
        stretch: Stretch,
        each: impl Fn(EventRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> Result<Stretched<T>, Error> {
        retry::read(self.reader(), || {
            events::history(self.reader(), table, entity_id, stretch, &each)
        })
        .await
    }

    async fn tail(
        &self,
        table: &Table,
        key: SnapshotKey,
        stretch: Stretch,
    ) -> Result<Option<Tail>, Error> {
        retry::read(self.reader(), || {
            snapshots::tail(self.reader(), table, key, stretch)
        })
        .await
    }

    async fn keep(&self, table: &Table, taken: &Taken) -> Result<Kept, Error> {
        snapshots::keep(&self.pool, table, taken).await
    }

    async fn forget_snapshots(&self, names: &Names, fold: &'static str) -> Result<u64, Error> {
        snapshots::forget(&self.pool, names, fold).await
    }

    async fn search(
        &self,
        table: &Table,
        filter: &SearchFilter,
    ) -> Result<(Vec<StoredRow>, Option<u64>), Error> {
        retry::read(self.reader(), || {
            events::search(self.reader(), table, filter)
        })
        .await
    }

    async fn entities(
        &self,
        table: &Table,
        filter: &EntityFilter,
    ) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
        retry::read(self.reader(), || {
            entities::entities(self.reader(), table, filter)
        })
        .await
    }

    async fn catch_up(&self, names: &Names) -> Result<Position, Error> {
        if self.stale {
            // What a standby has it was given.
            return retry::read(self.reader(), || read::last_position(self.reader(), names)).await;
        }
        self.feed.catch_up(&self.pool, names).await
    }

    async fn feed(&self, names: &Names, window: Window) -> Result<Vec<FeedEvent>, Error> {
        retry::read(self.reader(), || read::all(self.reader(), names, window)).await
    }

    async fn feed_of(
        &self,
        table: &Table,
        window: Window,
    ) -> Result<Vec<(Position, StoredRow)>, Error> {
        retry::read(self.reader(), || {
            read::of_entity(self.reader(), table, window)
        })
        .await
    }

    fn subscribe(&self, names: &Names) -> Subscription {
        self.feed.subscribe(names)
    }
}
