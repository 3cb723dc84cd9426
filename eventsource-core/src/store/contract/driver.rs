//! Traits that a driver implements, in terms of rows without Rust's event types.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::bulk::{BulkWriter, ImportMode, Pages};
use crate::store::contract::companion::Companions;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::feed::{FeedEvent, FeedRead, FeedWindow};
use crate::store::contract::feed_notifier::FeedReceiver;
use crate::store::contract::filters::{EntityFilter, SearchFilter};
use crate::store::contract::migration::Migration;
use crate::store::contract::names::Names;
use crate::store::contract::raw_event::{RawEvent, RawEventKey};
use crate::store::contract::read_row::{ReadRow, SearchPage};
use crate::store::contract::request::{AppendOutcome, KeyOf, Request};
use crate::store::contract::rows::{HeadRow, PayloadText};
use crate::store::contract::schema_difference::SchemaDifference;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::contract::snapshot::{NewSnapshot, SaveOutcome, SnapshotAndTail, SnapshotKey};
use crate::store::contract::stored_payload::{LogPart, StoredPayload};
use crate::store::contract::stream_range::{StreamPage, StreamRange};
use crate::store::contract::suspects::{HistorySql, Suspects};
use crate::store::contract::together::{Given, TogetherAppend};
use crate::{Error, Position};

/// Append of events.
pub(crate) trait AppendDriver {
    /// Stores all events of the request, and what the companions write for them, or nothing.
    fn append(
        &self,
        context: &Arc<EntityContext>,
        companions: &Companions,
        request: Request,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<AppendOutcome, Error>> + Send;

    /// Returns the events of an earlier request of this actor with the same idempotency key; `None` if
    /// there was none. Stores nothing.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] if the requests differ.
    fn repeated(
        &self,
        context: &EntityContext,
        request: &Request,
    ) -> impl Future<Output = Result<Option<AppendOutcome>, Error>> + Send;

    /// Returns the events that a request with this idempotency key of this actor has stored, in the
    /// order of the request; `None` if there was none.
    fn answered(
        &self,
        context: &EntityContext,
        key: KeyOf<'_>,
    ) -> impl Future<Output = Result<Option<Vec<ReadRow<PayloadText>>>, Error>> + Send;

    /// Returns whether a request with this idempotency key of this actor was stored.
    fn idempotency_key_exists(
        &self,
        names: &Names,
        key: KeyOf<'_>,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Appends to several machines in one transaction.
pub(crate) trait TogetherDriver {
    /// Stores all of these, or nothing; the outcomes are in their order. Whether an entity that is
    /// given has not changed is checked in the same transaction, and holds until it ends.
    fn append_together(
        &self,
        appends: Vec<TogetherAppend>,
        given: &[Given],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<AppendOutcome>, Error>> + Send;
}

/// Reads of heads, events and pages of a search.
pub(crate) trait ReadDriver {
    /// Returns the head of an entity; `None` if it has no events.
    fn head(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
    ) -> impl Future<Output = Result<Option<HeadRow>, Error>> + Send;

    /// Returns the head of an entity at a point in the past.
    fn head_as_of(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        as_of: AsOf,
    ) -> impl Future<Output = Result<Option<HeadRow>, Error>> + Send;

    /// Returns the event with this id.
    fn event(
        &self,
        context: &EntityContext,
        event_id: Uuid,
    ) -> impl Future<Output = Result<Option<ReadRow<PayloadText>>, Error>> + Send;

    /// Returns an event as it is stored.
    fn event_raw(
        &self,
        context: &EntityContext,
        key: RawEventKey,
    ) -> impl Future<Output = Result<Option<RawEvent>, Error>> + Send;

    /// Waits for the turn of a read of many pages; dropping it gives it back.
    ///
    /// Only for reads that call nobody else between their pages.
    fn long_read(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send;

    /// Returns events of one entity, oldest first, each row converted by `decode`.
    fn history<T: Send>(
        &self,
        context: &EntityContext,
        entity_id: Uuid,
        range: StreamRange,
        decode: impl Fn(ReadRow<&str>) -> Result<T, Error> + Send + Sync,
    ) -> impl Future<Output = Result<StreamPage<T>, Error>> + Send;

    /// Returns a page of events, and the number of all matches if the filter asks for it.
    fn search(
        &self,
        context: &EntityContext,
        filter: &SearchFilter,
    ) -> impl Future<Output = Result<SearchPage, Error>> + Send;

    /// Returns a page of entities, and the number of all matches if the filter asks for it.
    fn entities(
        &self,
        context: &EntityContext,
        filter: &EntityFilter,
    ) -> impl Future<Output = Result<(Vec<HeadRow>, Option<u64>), Error>> + Send;
}

/// Feed: gives events their positions and reads them in that order.
pub(crate) trait FeedDriver {
    /// Notifies the subscribers that the feed may have new events.
    fn notify_feed(&self);

    /// Gives positions to the events that were committed before this call, unless another caller is
    /// doing so, and returns the latest position.
    fn catch_up(&self, names: &Names) -> impl Future<Output = Result<Position, Error>> + Send;

    /// Gives positions to the events that were committed before this call, or waits for another caller
    /// to do so, and returns a position that is not before any of them.
    ///
    /// # Errors
    /// [`Error::CannotSequence`] if nobody does.
    fn committed_position(
        &self,
        names: &Names,
    ) -> impl Future<Output = Result<Position, Error>> + Send;

    /// Returns a position that was given to an event: at least `wanted`, or the last one. Gives none.
    fn given_position(
        &self,
        names: &Names,
        wanted: Position,
    ) -> impl Future<Output = Result<Position, Error>> + Send;

    /// Returns events of all entity types, in the order of positions.
    fn feed_of_store(
        &self,
        names: &Names,
        window: FeedWindow,
    ) -> impl Future<Output = Result<Vec<FeedEvent>, Error>> + Send;

    /// Returns events of one entity type, in the order of positions.
    fn feed_of_machine(
        &self,
        context: &EntityContext,
        window: FeedWindow,
    ) -> impl Future<Output = Result<FeedRead<(Position, ReadRow<PayloadText>)>, Error>> + Send;

    /// Subscribes to notifications that the feed may have new events.
    fn subscribe(&self, names: &Names) -> FeedReceiver;
}

/// Import and export of whole logs.
pub(crate) trait BulkDriver {
    /// Import in progress.
    type Import: BulkWriter;
    /// Export in progress.
    type Log: Pages;

    /// Begins an import of a handle with these companions.
    fn begin_import(
        &self,
        context: &EntityContext,
        companions: &Companions,
        mode: ImportMode,
    ) -> impl Future<Output = Result<Self::Import, Error>> + Send;

    /// Tells the planner of the database what the tables of the entity hold after a large import.
    ///
    /// Without that it plans for tables as they were before. A failure changes no event, and is not
    /// reported.
    fn analyze(&self, context: &EntityContext) -> impl Future<Output = ()> + Send;

    /// Begins an export.
    fn begin_export(
        &self,
        context: &EntityContext,
    ) -> impl Future<Output = Result<Self::Log, Error>> + Send;
}

/// Storage of snapshots of folds.
pub(crate) trait SnapshotDriver {
    /// Returns the snapshot of an entity, if it has one, with the events from there on.
    ///
    /// `None` if there is no table of snapshots that the program may read.
    fn load_snapshot_and_tail(
        &self,
        context: &EntityContext,
        key: SnapshotKey,
        range: StreamRange,
    ) -> impl Future<Output = Result<Option<SnapshotAndTail>, Error>> + Send;

    /// Stores a snapshot, unless there is one of a later event.
    fn save_snapshot(
        &self,
        context: &EntityContext,
        snapshot: &NewSnapshot,
    ) -> impl Future<Output = Result<SaveOutcome, Error>> + Send;

    /// Deletes the snapshots of a fold and returns their number.
    fn forget_snapshots(
        &self,
        names: &Names,
        fold: &'static str,
    ) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// Creation, migration and verification of the tables of a machine.
pub(crate) trait SchemaDriver {
    /// SQL of the payload of an event for the checks of a history, which no stored text may fail.
    const CHECKED_PAYLOAD: &'static str;

    /// Returns the time of the server, or of the system where there is none.
    fn now(&self) -> impl Future<Output = Result<DateTime<Utc>, Error>> + Send;

    /// Returns what is registered of the entity type; `None` before its first migration.
    fn registered(
        &self,
        names: &Names,
    ) -> impl Future<Output = Result<Option<SchemaVersion>, Error>> + Send;

    /// Makes the tables enforce the rules of the program; changes nothing if they already do.
    fn migrate(&self, migration: &Migration) -> impl Future<Output = Result<(), Error>> + Send;

    /// Creates the tables of the runtime that do not exist, and grants the rights to them.
    fn migrate_runtime(
        &self,
        names: &Names,
        options: &SchemaOptions,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Returns the first and the last log sequence; `None` if the log is empty.
    fn log_ends(
        &self,
        names: &Names,
    ) -> impl Future<Output = Result<Option<(i64, i64)>, Error>> + Send;

    /// Returns the first and the last payload of each event type in a part of the log.
    fn payloads(
        &self,
        names: &Names,
        part: LogPart,
    ) -> impl Future<Output = Result<Vec<StoredPayload>, Error>> + Send;

    /// Returns the differences between the tables and what this migration would make them.
    fn schema_differences(
        &self,
        migration: &Migration,
    ) -> impl Future<Output = Result<Vec<SchemaDifference>, Error>> + Send;

    /// Returns the rows of the history that violate the rules, up to `limit` of each kind.
    fn suspects(
        &self,
        sql: &HistorySql,
        limit: u32,
    ) -> impl Future<Output = Result<Suspects, Error>> + Send;
}
