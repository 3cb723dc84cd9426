//! Where events are kept: one contract, two databases.

mod append;
mod backend;
mod bulk;
mod database;
mod events;
mod feed;
#[cfg(feature = "postgres")]
mod foresee;
mod history;
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
#[cfg(feature = "sqlite")]
mod sqlite;
mod statements;

pub use append::Append;
pub use bulk::{Export, IllegalEvent, Import, ImportReport, Imported, NotLegal, PlainEvent};
pub use events::EventStore;
pub use feed::{Feed, FeedEvent, FeedPage, FeedSource, Follow, Sequencer};
pub use history::History;
pub use open::Store;
pub use options::StoreOptions;
pub use search::Search;
