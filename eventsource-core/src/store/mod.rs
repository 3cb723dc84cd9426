//! Where events are kept: one contract, two databases.

mod append;
mod as_of;
mod backend;
mod bulk;
mod database;
mod entities;
mod entity_cursor;
mod entity_query;
mod events;
mod feed;
mod fold_of;
#[cfg(feature = "postgres")]
mod foresee;
mod history;
mod load;
mod migration;
mod names;
mod open;
mod options;
mod plan;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
mod rules;
pub mod schema;
mod search;
mod search_query;
mod snapshot_row;
mod snapshot_sql;
mod snapshots;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statements;
mod stretch;
mod verify;

pub use append::Append;
pub use as_of::AsOf;
pub use bulk::{Export, IllegalEvent, Import, ImportReport, Imported, NotLegal, PlainEvent};
pub use entities::Entities;
pub use entity_cursor::{EntityCursor, EntityOrder, InvalidCursor};
pub use events::EventStore;
pub use feed::{Feed, FeedEvent, FeedPage, FeedSource, Follow, Sequencer};
pub use fold_of::FoldOf;
pub use history::History;
pub use load::Load;
pub use open::Store;
pub use options::StoreOptions;
pub use search::Search;
pub use verify::{
    Drift, SchemaDrift, SchemaObject, Verification, Verify, Violation, ViolationKind,
};
