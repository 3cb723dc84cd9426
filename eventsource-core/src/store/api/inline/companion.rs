//! Inline model as a companion of appends.

use std::fmt;
use std::marker::PhantomData;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::store::api::decode::recorded;
use crate::store::api::inline::model::InlineModel;
use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::companion::{BoxError, Companion, Connection, Stored, guarded_as};
use crate::store::contract::tables::Tables;
use crate::{Event, Position, RecordedEvent};

/// One generation of a model, written with the appends of a handle.
pub(crate) struct Inline<E, M, Kind> {
    pub(crate) model: M,
    /// Names of the tables of the generation.
    pub(crate) tables: Tables,
    pub(crate) generation: u32,
    pub(crate) of: PhantomData<fn() -> (E, Kind)>,
}

impl<E: Event, M: InlineModel<E, Kind>, Kind: 'static> Companion for Inline<E, M, Kind> {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn guarded_as(&self) -> Option<String> {
        Some(guarded_as(self.model.name(), self.generation))
    }

    fn write<'a>(
        &'a self,
        stored: &'a [Stored<'a>],
        connection: Connection<'a>,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        async move {
            let events = events::<E>(stored)?;
            let tables = self.tables.clone();
            let mut transaction = match connection {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(connection) => Transaction::within_sqlite(connection, tables),
                #[cfg(feature = "postgres")]
                Connection::Postgres(connection) => {
                    Transaction::within_postgres(connection, tables)
                }
            };
            let written = self.model.write(self.generation, &events, &mut transaction);
            written.await
        }
        .boxed()
    }
}

/// Events of stored requests, of which none has a position yet.
type Events<E> = Vec<(Option<Position>, RecordedEvent<E>)>;

fn events<E: Event>(stored: &[Stored<'_>]) -> Result<Events<E>, BoxError> {
    let mut events = Vec::with_capacity(stored.iter().map(|stored| stored.rows.len()).sum());
    for Stored { context, rows, .. } in stored {
        for row in rows {
            events.push((None, recorded(context, Ok(row.clone()))?));
        }
    }
    Ok(events)
}

impl<E, M, Kind> fmt::Debug for Inline<E, M, Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inline")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
