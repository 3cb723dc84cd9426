//! What can be inline: a `Projection`, or a `View`.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::store::api::view::event::ViewEvent;
use crate::store::api::view::table::ViewTable;
use crate::store::contract::companion::BoxError;
use crate::store::contract::tables::Tables;
use crate::{
    Event, Failure, Position, Projection, Projects, Reads, RecordedEvent, Transaction, View,
};

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

    /// Column that differs with how the model was filled.
    #[doc(hidden)]
    const NOT_COMPARED: Option<&'static str>;

    /// Returns the SQL that creates the tables of a generation.
    #[doc(hidden)]
    fn create(&self, tables: &Tables) -> String;

    /// Writes events to the tables of a generation, in order; without positions while they are appended.
    #[doc(hidden)]
    fn write(
        &self,
        generation: u32,
        events: &[(Option<Position>, RecordedEvent<E>)],
        transaction: &mut Transaction<'_>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Kind of a model in SQL.
#[derive(Debug)]
#[doc(hidden)]
pub enum InSql {}

/// Kind of a view.
#[derive(Debug)]
#[doc(hidden)]
pub enum Keyed {}

mod sealed {
    pub trait Sealed<Kind> {}
    impl<P: crate::Projection> Sealed<super::InSql> for P {}
    impl<V: crate::View> Sealed<super::Keyed> for super::InlineView<V> {}
}

/// View as an inline model, which [`view`] gives.
pub struct InlineView<V>(PhantomData<fn() -> V>);

impl<V> fmt::Debug for InlineView<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InlineView")
    }
}

/// Returns a view for [`EventStore::inline`](crate::EventStore::inline).
///
/// ```
/// # use eventsource_core::{Error, Event, EventStore, Reads, view};
/// # async fn example<E: Event, V: Reads<E>>(tasks: EventStore<E>) -> Result<(), Error> {
/// let tasks = tasks.inline(view::<V>()).await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub const fn view<V: View>() -> InlineView<V> {
    InlineView(PhantomData)
}

impl<E: Event, V: Reads<E>> InlineModel<E, Keyed> for InlineView<V> {
    // A row that was appended has no position.
    const NOT_COMPARED: Option<&'static str> = Some("position");

    fn name(&self) -> &'static str {
        V::NAME
    }

    fn version(&self) -> u32 {
        V::VERSION
    }

    fn create(&self, tables: &Tables) -> String {
        ViewTable::<V>::schema(tables)
    }

    async fn write(
        &self,
        generation: u32,
        events: &[(Option<Position>, RecordedEvent<E>)],
        transaction: &mut Transaction<'_>,
    ) -> Result<(), BoxError> {
        let mut of_view: Vec<(Option<Position>, &dyn ViewEvent<V>)> =
            Vec::with_capacity(events.len());
        for (position, event) in events {
            of_view.push((*position, event));
        }
        let table = ViewTable::<V>::generation(generation).shared();
        Ok(table.apply(transaction, &of_view).await?)
    }
}

impl<E: Event, P: Projects<E>> InlineModel<E, InSql> for P {
    const NOT_COMPARED: Option<&'static str> = None;

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
        _generation: u32,
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
