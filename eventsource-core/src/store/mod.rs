//! Event store: a contract, the rules of appends and migrations, and a driver for each database.
//!
//! Layers, lowest first; each uses only those listed before it:
//!
//! * `contract`: rows, requests, filters, names, options, errors, and the traits of a driver.
//! * `rules`: event checks, the planner of an append, validation of imports, migration steps.
//! * `sql`: statements that both databases understand.
//! * `postgres` and `sqlite`: the drivers, with equal file names for equal tasks; they do not know
//!   each other.
//! * `database`: dispatch to the driver that a store was opened with.
//! * `commands`: turns and cached states of the entities that commands are executed on.
//! * `api`: public types: `Store`, `EventStore` and their builders.
//! * `testing`: tests of commands and read models, without a database.
//!
//! A new database is a third folder beside `postgres` and `sqlite` that implements the traits of
//! `contract::driver`, a variant in `database`, a URL scheme in `api::store`, a feature in
//! `Cargo.toml`, and an entry in `tests/store/support/lists.rs`, which runs every store test on it.

mod api;
mod commands;
mod contract;
mod database;
#[cfg(feature = "postgres")]
mod postgres;
mod rules;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
pub(crate) mod testing;

pub use api::append::Append;
pub use api::ddl;
pub use api::decode::EventResult;
pub use api::entities::Entities;
pub use api::event_store::EventStore;
pub use api::execute::answer::{ArchivedCommand, CommandOutcome, ExecuteError, Executed};
pub use api::execute::builder::Execute;
pub use api::export::Export;
pub use api::feed::page::FeedPage;
pub use api::feed::sequencer::Sequencer;
pub use api::feed::source::{Feed, FeedSource};
pub use api::feed::subscription::FeedSubscription;
pub use api::fold::FoldQuery;
pub use api::generations::compare::{DifferingRow, GenerationComparison};
pub use api::generations::model::{Generation as ModelGeneration, Model};
pub use api::head::HeadQuery;
pub use api::history::History;
pub use api::import::builder::Import;
pub use api::inline::model::{InlineModel, InlineView, view};
pub use api::inline::verify::InlineVerification;
pub use api::reading::condition::EntityCondition;
pub use api::reading::policy::{ReadPolicy, ReadPolicyError};
pub use api::reading::reads::Visibility;
pub use api::reading::scope::ReadScope;
pub use api::search::Search;
pub use api::store::Store;
pub use api::together::Together;
pub use api::transaction::args::Args;
pub use api::transaction::handle::Transaction;
pub use api::transaction::row::{Column, Row};
pub use api::transaction::value::{Arg, Value as ArgValue};
pub use api::verify::{Verification, Verify};
pub use api::view::event::ViewEvent;
pub use api::view::store::{ViewGet, ViewList, ViewPage, ViewRow, ViewStore};
pub use api::view::table::ViewTable;
pub use contract::as_of::AsOf;
pub use contract::clock::{Clock, ManualClock, SystemClock};
pub use contract::dialect::Dialect;
pub use contract::entity_cursor::{EntityCursor, EntityOrder, InvalidCursor};
pub use contract::error::{Error, Retry};
pub use contract::exported_event::ExportedEvent;
pub use contract::feed::FeedEvent;
pub use contract::import_report::{ImportReport, Imported};
pub use contract::import_violation::{IllegalEvent, ImportViolation};
pub use contract::invalid_input::{InputProblem, InvalidInput};
pub use contract::options::StoreOptions;
pub use contract::payload_json::PayloadJson;
pub use contract::raw_event::RawEvent;
pub use contract::schema_difference::{DifferenceKind, SchemaDifference, SchemaObject};
pub use contract::tables::Tables;
pub use contract::unreadable_event::{UnreadableEvent, UnreadableReason};
pub use contract::untrusted_json::{UntrustedJsonError, parse_untrusted_json};
pub use contract::violation::{Violation, ViolationKind};
