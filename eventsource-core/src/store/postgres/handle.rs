//! The store on Postgres 15 and later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{Connection, PgConnection};

use crate::Error;
use crate::store::contract::names::Names;
use crate::store::contract::options::StoreOptions;
use crate::store::postgres::append::group::Group;
use crate::store::postgres::connect;
use crate::store::postgres::errors::failed;
use crate::store::postgres::feed::handle::Feed;
use crate::store::postgres::pool::Pool;

#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    pub(crate) pool: Pool,
    /// The standby if there is one, else the same.
    pub(crate) replica: Pool,
    /// Whether reads may be a little old.
    pub(crate) stale: bool,
    /// One an entity. Clones share them as they share the connections.
    pub(crate) groups: Arc<Mutex<HashMap<&'static str, Arc<Group>>>>,
    pub(crate) feed: Arc<Feed>,
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
    pub(crate) fn read_from_replica(mut self) -> Self {
        self.stale = true;
        self
    }

    /// Where to read what need not be the newest: histories, searches, the feed. Never what decides
    /// about an append.
    pub(crate) fn reader(&self) -> &Pool {
        if self.stale {
            &self.replica
        } else {
            &self.pool
        }
    }

    pub(crate) fn group(&self, names: &Names) -> Arc<Group> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups
            .entry(names.entity())
            .or_insert_with(|| Arc::new(Group::new(self.pool.clone(), names)));
        Arc::clone(group)
    }

    /// Waits until no connection is used, and closes all.
    pub(crate) async fn close(&self) {
        self.feed.close().await;
        self.pool.close().await;
        self.replica.close().await;
    }
}
