//! The contract that a database fulfils, without Rust's event types.

use std::future::Future;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::bulk::{BulkWriter, ImportMode, Pages};
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::feed::{FeedEvent, FeedWindow};
use crate::store::contract::feed_notifier::FeedReceiver;
use crate::store::contract::filters::{EntityFilter, SearchFilter};
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::contract::request::{Outcome, Request};
use crate::store::contract::rows::{EventRow, HeadRow, StoredRow};
use crate::store::contract::schema_difference::SchemaDifference;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::contract::snapshot::{NewSnapshot, SaveOutcome, SnapshotAndTail, SnapshotKey};
use crate::store::contract::stream_range::{StreamPage, StreamRange};
use crate::store::contract::suspects::{HistorySql, Suspects};
use crate::{Error, Position};

/// Appends events.
pub(crate) trait AppendDriver {
    /// Stores what the request asks for, or nothing.
    fn append(
        &self,
        context: &EntityContext,
        request: &Request,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Outcome, Error>> + Send;

    /// Whether a request of this idempotency key was stored.
    fn idempotency_key_exists(
        &self,
        names: &Names,
        key: &str,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Reads heads, events and searches.
pub(crate) trait ReadDriver {
    fn head(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
    ) -> impl Future<Output = Result<Option<HeadRow>, Error>> + Send;

    /// The head as it was.
    fn head_as_of(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> impl Future<Output = Result<Option<HeadRow>, Error>> + Send;

    fn event(
        &self,
        context: &EntityContext,
        event_id: Uuid,
    ) -> impl Future<Output = Result<Option<StoredRow>, Error>> + Send;

    /// The events of one entity, oldest first, as `decode` makes them of their rows.
    fn history<T: Send>(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        range: StreamRange,
        decode: impl Fn(EventRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> impl Future<Output = Result<StreamPage<T>, Error>> + Send;

    /// A page of events, and how many match in all if that was asked.
    fn search(
        &self,
        context: &EntityContext,
        filter: &SearchFilter,
    ) -> impl Future<Output = Result<(Vec<StoredRow>, Option<u64>), Error>> + Send;

    /// A page of entities, and how many match in all if that was asked.
    fn entities(
        &self,
        context: &EntityContext,
        filter: &EntityFilter,
    ) -> impl Future<Output = Result<(Vec<HeadRow>, Option<u64>), Error>> + Send;
}

/// Gives events their positions and reads them in that order.
pub(crate) trait FeedDriver {
    /// Says that there may be something new in the feed.
    fn notify_feed(&self);

    /// Gives the events that were committed before this call their positions in the feed, unless
    /// somebody else is doing so. Returns the last position there is.
    fn catch_up(&self, names: &Names) -> impl Future<Output = Result<Position, Error>> + Send;

    /// What happened to all entities, in the order of positions.
    fn feed_of_store(
        &self,
        names: &Names,
        window: FeedWindow,
    ) -> impl Future<Output = Result<Vec<FeedEvent>, Error>> + Send;

    /// The events of one entity, in the order of positions.
    fn feed_of_machine(
        &self,
        context: &EntityContext,
        window: FeedWindow,
    ) -> impl Future<Output = Result<Vec<(Position, StoredRow)>, Error>> + Send;

    /// To be told that there may be something new.
    fn subscribe(&self, names: &Names) -> FeedReceiver;
}

/// Imports and exports whole logs.
pub(crate) trait BulkDriver {
    type Import: BulkWriter;
    type Log: Pages;

    /// Begins an import.
    fn begin_import(
        &self,
        context: &EntityContext,
        purpose: ImportMode,
    ) -> impl Future<Output = Result<Self::Import, Error>> + Send;

    /// Begins an export.
    fn begin_export(
        &self,
        context: &EntityContext,
    ) -> impl Future<Output = Result<Self::Log, Error>> + Send;
}

/// Keeps snapshots of folds.
pub(crate) trait SnapshotDriver {
    /// The same from its snapshot on, if it has one; `None` if there is no table of snapshots that
    /// the program may read.
    fn load_snapshot_and_tail(
        &self,
        context: &EntityContext,
        key: SnapshotKey,
        range: StreamRange,
    ) -> impl Future<Output = Result<Option<SnapshotAndTail>, Error>> + Send;

    /// Keeps a snapshot, unless there is one of a later event.
    fn save_snapshot(
        &self,
        context: &EntityContext,
        taken: &NewSnapshot,
    ) -> impl Future<Output = Result<SaveOutcome, Error>> + Send;

    /// Deletes the snapshots of a fold; how many there were.
    fn forget_snapshots(
        &self,
        names: &Names,
        fold: &'static str,
    ) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// Makes and checks the tables of a machine.
pub(crate) trait SchemaDriver {
    /// What the database knows of the entity; `None` before its first migration.
    fn registered(
        &self,
        names: &Names,
    ) -> impl Future<Output = Result<Option<SchemaVersion>, Error>> + Send;

    /// Makes the tables enforce the rules of the program. Nothing changes if they already do.
    fn migrate(&self, migration: &Migration) -> impl Future<Output = Result<(), Error>> + Send;

    /// What the tables are otherwise than this migration would make them.
    fn schema_differences(
        &self,
        migration: &Migration,
    ) -> impl Future<Output = Result<Vec<SchemaDifference>, Error>> + Send;

    /// What of the history cannot be as it is, so many rows of each kind.
    fn suspects(
        &self,
        sql: &HistorySql,
        most: u32,
    ) -> impl Future<Output = Result<Suspects, Error>> + Send;
}
