//! Whole logs, in and out: as lines of JSON or as a stream.

mod batch;
mod event;
mod export;
mod heads;
mod import;
mod imported;
mod judge;
mod lines;
mod refused;
mod run;
mod writer;

pub use event::PlainEvent;
pub use export::Export;
pub use import::Import;
pub use imported::{ImportReport, Imported};
pub use refused::{IllegalEvent, NotLegal};

pub(crate) use batch::{Judged, JudgedRow};
pub(crate) use export::{ExportRow, Pages};
pub(crate) use writer::{BulkWriter, NotWritten, Purpose, StoredEvent, twice};
