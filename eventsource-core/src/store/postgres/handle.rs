//! Connections to a Postgres database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{Connection, PgConnection};

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::options::StoreOptions;
use crate::store::postgres::append::group::Group;
use crate::store::postgres::connect;
use crate::store::postgres::errors::failed;
use crate::store::postgres::feed::handle::FeedState;
use crate::store::postgres::pool::Pool;

/// Group commit by entity type and by the event types that the program does not know.
type Groups = HashMap<(&'static str, i64), Arc<Group>>;

/// Connections to a Postgres database. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    pub(crate) pool: Pool,
    /// Connections to the read replica, if there is one, else the same as `pool`.
    pub(crate) replica: Pool,
    /// Whether reads that need not be current go to the replica.
    pub(crate) reads_replica: bool,
    /// Group commit of each entity type, for programs that know the same event types.
    pub(crate) groups: Arc<Mutex<Groups>>,
    pub(crate) feed: Arc<FeedState>,
}

impl Postgres {
    /// Connects to the database.
    pub(crate) async fn connect(options: &StoreOptions) -> Result<Self, Error> {
        let connections = &options.connections;
        let connect = connect::connect_options(&options.url, connections).map_err(failed)?;
        // A pool would retry until its timeout; a wrong URL must fail at once.
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
            reads_replica: false,
            groups: Arc::default(),
            feed: Arc::new(FeedState::new(&connect, connections)),
        })
    }

    /// Returns a handle whose reads go to the replica.
    pub(crate) fn read_from_replica(mut self) -> Self {
        self.reads_replica = true;
        self
    }

    /// Returns the connections for reads that need not be current: histories, searches, the feed.
    /// Never for reads that decide about an append.
    pub(crate) fn reader(&self) -> &Pool {
        if self.reads_replica {
            &self.replica
        } else {
            &self.pool
        }
    }

    /// Returns the group commit of an entity type.
    pub(crate) fn group(&self, context: &EntityContext) -> Arc<Group> {
        let EntityContext { names, codes, .. } = context;
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups
            .entry((names.entity(), codes.unknown()))
            .or_insert_with(|| Arc::new(Group::new(self.pool.clone(), names, codes)));
        Arc::clone(group)
    }

    /// Closes all connections, each when it is no longer used.
    pub(crate) async fn close(&self) {
        self.feed.close().await;
        self.pool.close().await;
        self.replica.close().await;
    }
}
