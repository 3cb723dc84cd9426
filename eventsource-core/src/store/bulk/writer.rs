//! What a database does for an import.

use std::future::Future;

use uuid::Uuid;

use super::batch::Judged;
use crate::Error;
use crate::store::backend::Table;
use crate::store::row::HeadRow;

/// What an import is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Events are to be stored, while others append.
    Store,
    /// The same, with the tables to itself.
    StoreAlone,
    /// Only heads are looked up.
    Look,
}

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// Their entities have events of the same ids: positions in the batch.
    Twice(Vec<usize>),
    Failed(Error),
}

impl From<Error> for NotWritten {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// One transaction. Dropped, nothing was stored.
pub(crate) trait BulkWriter: Send + Sized {
    /// Where the entities stand, those that have events; locked if they are to get more.
    fn heads(
        &mut self,
        table: &Table,
        entity_ids: &[Uuid],
    ) -> impl Future<Output = Result<Vec<HeadRow>, Error>> + Send;

    fn write(
        &mut self,
        table: &Table,
        batch: &Judged,
    ) -> impl Future<Output = Result<(), NotWritten>> + Send;

    fn commit(self, table: &Table) -> impl Future<Output = Result<(), Error>> + Send;
}
