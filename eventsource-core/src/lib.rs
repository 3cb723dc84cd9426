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
mod data;
#[cfg(feature = "_store")]
mod error;
mod event;
mod event_type;
mod fold;
mod id_format;
mod ids;
mod metadata;
mod numbers;
mod payload;
mod recorded;
mod role;
mod snapshot;
mod state;
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
pub use data::{DataField, DataSource, empty_data, merge_data};
#[cfg(feature = "_store")]
pub use error::{Error, Retry};
pub use event::Event;
pub use event_type::{EventType, UnknownEventType};
pub use fold::{Fold, Folded};
pub use id_format::IdFormat;
pub use ids::{EntityId, EventId, InvalidId};
pub use metadata::Metadata;
pub use numbers::{Clock, Position, Seq, Version};
pub use payload::{PayloadError, from_payload, payload_fields, payload_schema, to_payload};
pub use recorded::{Appended, Head, Page, RecordedEvent};
pub use role::{Role, UnknownRole};
pub use snapshot::Snapshot;
pub use state::State;
#[cfg(feature = "_store")]
pub use store::{
    Append, AsOf, Drift, Entities, EntityCursor, EntityOrder, EventStore, Export, Feed, FeedEvent,
    FeedPage, FeedSource, FoldOf, Follow, History, IllegalEvent, Import, ImportReport, Imported,
    InvalidCursor, Load, NotLegal, PlainEvent, SchemaDrift, SchemaObject, Search, Sequencer, Store,
    StoreOptions, Verification, Verify, Violation, ViolationKind, schema,
};
