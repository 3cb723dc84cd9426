//! What can be inline: a `Projection`, or a `View`.

use std::future::Future;

use crate::store::contract::companion::BoxError;
use crate::store::contract::tables::Tables;
use crate::{Event, Failure, Position, Projection, Projects, RecordedEvent, Transaction};

/// Read model that [`EventStore::inline`](crate::EventStore::inline) takes: a
/// [`Projection`](crate::Projection) that [`Projects`](crate::Projects) the events of `E`, or a
/// [`View`](crate::View) that [`Reads`](crate::Reads) them, as [`view`](crate::view) gives it.
///
/// `Kind` tells the two apart, and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no inline model of the events of `{E}`",
    label = "is neither a `Projection` that implements `Projects<{E}>` nor `view::<V>()`"
)]
pub trait InlineModel<E: Event, Kind>: sealed::Sealed<Kind> + Send + Sync + 'static {
    #[doc(hidden)]
    fn name(&self) -> &'static str;

    #[doc(hidden)]
    fn version(&self) -> u32;

    /// Returns the SQL that creates the tables of a generation.
    #[doc(hidden)]
    fn create(&self, tables: &Tables) -> String;

    /// Writes events, in order; without positions while they are appended.
    #[doc(hidden)]
    fn write(
        &self,
        events: &[(Option<Position>, RecordedEvent<E>)],
        transaction: &mut Transaction<'_>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Kind of a model in SQL.
#[derive(Debug)]
#[doc(hidden)]
pub enum InSql {}

mod sealed {
    pub trait Sealed<Kind> {}
    impl<P: crate::Projection> Sealed<super::InSql> for P {}
}

impl<E: Event, P: Projects<E>> InlineModel<E, InSql> for P {
    fn name(&self) -> &'static str {
        <P as Projection>::NAME
    }

    fn version(&self) -> u32 {
        P::VERSION
    }

    fn create(&self, tables: &Tables) -> String {
        self.schema(tables)
    }

    async fn write(
        &self,
        events: &[(Option<Position>, RecordedEvent<E>)],
        transaction: &mut Transaction<'_>,
    ) -> Result<(), BoxError> {
        let tables = transaction.tables().clone();
        for (position, event) in events {
            if position.is_some() {
                transaction.scope(tables.clone(), *position);
            }
            let applied = self.apply(event, transaction).await;
            applied.map_err(|failure| match failure {
                Failure::Retry { error, .. } | Failure::Park(error) | Failure::Halt(error) => error,
            })?;
        }
        Ok(())
    }
}
