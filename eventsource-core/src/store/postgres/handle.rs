//! Connections to a Postgres database.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::{Connection, PgConnection};

use crate::Error;
use crate::store::contract::companion::Companions;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::options::{Connections, StoreOptions};
use crate::store::postgres::append::accompanied::Sender;
use crate::store::postgres::append::calls::Calls;
use crate::store::postgres::append::group::Group;
use crate::store::postgres::errors::failed;
use crate::store::postgres::feed::handle::FeedState;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::{connect, probe};

/// Group commit by entity type, by the event types that the program does not know, and by companions.
type Groups = HashMap<(&'static str, i64, u64), Arc<Group>>;

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
    pub(crate) lock_timeout: Duration,
    /// Longest time that the companions of one transaction may take.
    pub(crate) inline_timeout: Duration,
}

/// Returns the URL without what it says of a PgBouncer, and the options with that.
fn declared<'a>(
    url: &'a str,
    connections: &Connections,
) -> Result<(Cow<'a, str>, Connections), Error> {
    let (url, said) = connect::without_pgbouncer(url)?;
    let mut connections = connections.clone();
    connections.pgbouncer = said.unwrap_or(connections.pgbouncer);
    Ok((url, connections))
}

impl Postgres {
    /// Connects to the database.
    pub(crate) async fn connect(options: &StoreOptions) -> Result<Self, Error> {
        options.tables.check_names()?;
        let (url, connections) = declared(&options.url, &options.connections)?;
        let connections = &connections;
        let connect = connect::connect_options(&url, connections).map_err(failed)?;
        // A pool would retry until its timeout; a wrong URL must fail at once.
        let mut first = PgConnection::connect_with(&connect).await.map_err(failed)?;
        probe::check_server(&mut first, connections.pgbouncer).await?;
        first.close().await.map_err(failed)?;
        let pool = connect::pool(connect.clone(), connections)
            .await
            .map_err(failed)?;
        let replica = match &connections.read_replica {
            None => pool.clone(),
            Some(url) => {
                let (url, connections) = declared(url, connections)?;
                let connect = connect::connect_options(&url, &connections).map_err(failed)?;
                connect::pool(connect, &connections).await.map_err(failed)?
            }
        };
        Ok(Self {
            pool,
            replica,
            reads_replica: false,
            groups: Arc::default(),
            lock_timeout: connections.lock_timeout,
            inline_timeout: connections.inline_timeout,
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

    /// Returns the group commit of an entity type for handles with these companions.
    pub(crate) fn group(&self, context: &EntityContext, companions: &Companions) -> Arc<Group> {
        let EntityContext { names, codes, .. } = context;
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups
            .entry((names.entity(), codes.unknown(), companions.id()))
            .or_insert_with(|| {
                let sender = self.sender(context, companions);
                Arc::new(Group::new(sender, self.lock_timeout))
            });
        Arc::clone(group)
    }

    /// Returns a sender of calls for an entity type with these companions.
    pub(crate) fn sender(&self, context: &EntityContext, companions: &Companions) -> Sender {
        Sender {
            pool: self.pool.clone(),
            calls: Calls::new(&context.names, &context.codes),
            companions: companions.clone(),
            most: self.inline_timeout,
        }
    }

    /// Closes all connections, each when it is no longer used.
    pub(crate) async fn close(&self) {
        self.feed.close().await;
        self.pool.close().await;
        self.replica.close().await;
    }
}
