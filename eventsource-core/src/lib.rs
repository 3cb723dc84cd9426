#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(feature = "_store"))))]
#![doc = include_str!("../README.md")]
//!
//! # Find your way
//!
//! | to | see |
//! | --- | --- |
//! | define events and rules | [`derive@Event`], [`derive@Role`], [`event_union!`], [`event_fragment!`], [`IdFormat`] |
//! | ask the rules | [`EventType`], [`State`], [`transitions!`], [`typed`], [`model`] |
#![cfg_attr(
    feature = "_store",
    doc = "| open a database | [`Store`], [`StoreOptions`], [`ddl`], [`Clock`], [`ManualClock`] |
| write | [`EventStore`], [`Append`], [`Together`], [`Appended`], [`Actor`], [`Error`], [`Retry`] |
| execute commands | [`EventStore::execute`], [`Execute`], [`Executed`], [`ExecuteError`], [`ArchivedCommand`] |
| read an entity | [`HeadQuery`], [`Head`], [`FoldQuery`], [`Folded`], [`History`], [`AsOf`] |
| find events and entities | [`Search`], [`Entities`], [`EntityOrder`], [`EntityCursor`], [`Page`] |
| guard reads | [`EventStore::reading_as`], [`ReadPolicy`], [`ReadScope`], [`EntityCondition`] |
| follow all events in order | [`Feed`], [`FeedSubscription`], [`FeedPage`], [`Position`] |
| move whole logs | [`Export`], [`Import`], [`ImportReport`] |
| check a database | [`Verify`], [`Verification`] |"
)]
//! | build a state of your own | [`Fold`], [`Snapshot`] |
//! | decide what happens | [`Command`], [`Entity`], [`Decision`], [`StateSource`] |
#![cfg_attr(
    feature = "proptest",
    doc = "| test the rules | [`testing`], [`transitions!`] |"
)]

mod actor;
mod answers;
mod command;
mod data;
mod data_field;
#[cfg(feature = "_store")]
mod database_values;
mod due_time;
mod event;
mod event_type;
mod id_format;
mod ids;
mod metadata;
mod numbers;
mod payload;
#[cfg(feature = "_store")]
mod projection;
mod role;
mod snapshot;
#[cfg(feature = "_store")]
mod store;
mod stored_data;
#[cfg(any(feature = "_store", feature = "proptest"))]
pub mod testing;
mod timers;
pub mod typed;
#[cfg(feature = "_store")]
mod view;

#[doc(hidden)]
pub mod __private;

pub use eventsource_macros::{Event, Role, event_fragment, event_union, transitions};
pub use eventsource_model as model;

pub use actor::Actor;
pub use answers::{Appended, Folded, Head, Page};
pub use command::{Command, Decision, Entity, StateSource};
pub use data::{empty_data, merge_data};
pub use data_field::{DataField, DataSource};
pub use event::{Event, Fold, RecordedEvent};
pub use event_type::{EventType, State, UnknownEventType};
pub use id_format::IdFormat;
pub use ids::{EntityId, EventId, InvalidId};
pub use metadata::Metadata;
pub use numbers::{Generation, InvalidPosition, LogSeq, Position, Seq};
#[cfg(feature = "_store")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use payload::limits::{MAX_APPEND_BYTES, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_DEPTH};
pub use payload::{
    PayloadError, from_payload, payload_fields, payload_schema, to_payload, type_schema,
};
#[cfg(feature = "_store")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use projection::{
    definition::{Projection, Projects},
    failure::Failure,
};
pub use role::{Role, UnknownRole};
pub use snapshot::Snapshot;
#[cfg(feature = "_store")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use store::{
    Append, ArchivedCommand, AsOf, CommandOutcome, DifferenceKind, Entities, EntityCondition,
    EntityCursor, EntityOrder, Error, EventResult, EventStore, Execute, ExecuteError, Executed,
    Export, ExportedEvent, Feed, FeedEvent, FeedPage, FeedSource, FeedSubscription, FoldQuery,
    HeadQuery, History, IllegalEvent, Import, ImportReport, ImportViolation, Imported, InlineModel,
    InlineVerification, InlineView, InputProblem, InvalidCursor, InvalidInput, PayloadJson,
    RawEvent, ReadPolicy, ReadPolicyError, ReadScope, Retry, SchemaDifference, SchemaObject,
    Search, Sequencer, Store, StoreOptions, Together, UnreadableEvent, UnreadableReason,
    UntrustedJsonError, Verification, Verify, Violation, ViolationKind, Visibility, ddl,
    parse_untrusted_json, view,
};
#[cfg(feature = "_store")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use store::{
    Arg, ArgValue, Args, Column, Dialect, DifferingRow, GenerationComparison, Model,
    ModelGeneration, Row, Tables, Transaction, ViewEvent, ViewGet, ViewList, ViewPage, ViewRow,
    ViewStore, ViewTable,
};
#[cfg(feature = "_store")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use store::{Clock, ManualClock, SystemClock};
pub use timers::{Due, Timers};
#[cfg(feature = "_store")]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use view::{
    definition::{Reads, View},
    key::{ViewKey, shard_of_key},
    keys::Keys,
};
