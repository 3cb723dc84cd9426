//! Event sourcing from one annotated enum.
//!
//! `#[derive(Event)]` on an enum of events makes it a state machine: which event may follow which
//! state, what each one requires, which follow by themselves. This crate holds the traits that
//! the derive implements and the stores that keep the events, on SQLite and on Postgres, in
//! tables whose constraints enforce the same rules.
//!
//! ```
//! # mod example {
//! use eventsource_core::{Event, EventType, State};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
//! #[machine(entity = "door")]
//! pub enum DoorEvent {
//!     Installed { at: String },
//!     #[event(follows = Installed & !Opened, accumulate = union())]
//!     Opened,
//!     #[event(follows = Opened, accumulate = difference(Opened))]
//!     Closed,
//! }
//!
//! # pub fn main() {
//! let new = State::<DoorEventType>::EMPTY;
//! let refused = DoorEventType::Opened.validate(new).unwrap_err();
//! assert_eq!(refused.to_string(), "Event type 'OPENED' may not be initial");
//! # }
//! # }
//! # example::main();
//! ```

mod actor;
mod answers;
mod data;
mod data_field;
mod event;
mod event_type;
mod id_format;
mod ids;
mod metadata;
mod numbers;
mod payload;
mod role;
mod snapshot;
#[cfg(feature = "_store")]
mod store;
mod stored_data;
#[cfg(feature = "proptest")]
pub mod testing;
pub mod typed;

#[doc(hidden)]
pub mod __private;

pub use eventsource_macros::{Event, Role, event_fragment, event_union, transitions};
pub use eventsource_model as model;

pub use actor::Actor;
pub use answers::{Appended, Folded, Head, Page};
pub use data::{empty_data, merge_data};
pub use data_field::{DataField, DataSource};
pub use event::{Event, Fold, RecordedEvent};
pub use event_type::{EventType, State, UnknownEventType};
pub use id_format::IdFormat;
pub use ids::{EntityId, EventId, InvalidId};
pub use metadata::Metadata;
pub use numbers::{Generation, LogSeq, Position, Seq};
pub use payload::{PayloadError, from_payload, payload_fields, payload_schema, to_payload};
pub use role::{Role, UnknownRole};
pub use snapshot::Snapshot;
#[cfg(feature = "_store")]
pub use store::{
    Append, AsOf, DifferenceKind, Entities, EntityCursor, EntityOrder, Error, EventStore, Export,
    ExportedEvent, Feed, FeedEvent, FeedPage, FeedSource, FeedSubscription, FoldQuery, HeadQuery,
    History, IllegalEvent, Import, ImportReport, ImportViolation, Imported, InputProblem,
    InvalidCursor, InvalidInput, Retry, SchemaDifference, SchemaObject, Search, Sequencer, Store,
    StoreOptions, Verification, Verify, Violation, ViolationKind, ddl,
};
