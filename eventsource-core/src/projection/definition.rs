//! Read model in SQL, and what it makes of the events of a machine.

use std::future::Future;

use crate::projection::failure::Failure;
use crate::store::{Tables, Transaction};
use crate::{Event, RecordedEvent};

/// Read model in tables of its own, which [`Projects`] writes by SQL.
///
/// What it writes is committed in one transaction with the append (inline) or with its own position
/// (catching up), so it happens exactly once. It must do nothing else: what it does outside of that
/// transaction would be done again when the model is built anew.
///
/// **Raise `VERSION` with every change of [`schema`](Self::schema) or [`apply`](Projects::apply).**
/// Programs of the old version go on with the old tables.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, Failure, Projection, Projects, RecordedEvent, Tables, Transaction};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "user")]
/// pub enum UserEvent {
///     #[event(terminal)]
///     Registered { email: String },
/// }
///
/// /// Addresses of users, each of one user only.
/// pub struct Emails;
///
/// impl Projection for Emails {
///     const NAME: &'static str = "emails";
///     const VERSION: u32 = 1;
///
///     fn schema(&self, tables: &Tables) -> String {
///         let emails = tables.name("user_email");
///         format!("CREATE TABLE {emails} (email text PRIMARY KEY, user_id text NOT NULL)")
///     }
/// }
///
/// impl Projects<UserEvent> for Emails {
///     async fn apply(
///         &self,
///         event: &RecordedEvent<UserEvent>,
///         transaction: &mut Transaction<'_>,
///     ) -> Result<(), Failure> {
///         let UserEvent::Registered { email } = &event.event;
///         let insert = "INSERT INTO {user_email} VALUES ($1, $2)";
///         transaction.execute(insert, (email, event.entity_id.to_string())).await?;
///         Ok(())
///     }
/// }
/// # }
/// ```
pub trait Projection: Send + Sync + 'static {
    /// Name of the projection, unique in its store: a lower-case letter, then up to 47 lower-case
    /// letters, digits and underscores.
    const NAME: &'static str;

    /// Version of the computation, from 1.
    const VERSION: u32;

    /// Returns the SQL that creates the tables and indexes of one generation.
    ///
    /// [`Tables::name`] gives their names; everything else that it creates, such as an index, must
    /// be named by it too.
    fn schema(&self, tables: &Tables) -> String;
}

/// What a [`Projection`] makes of the events of one machine; a projection may read several.
#[diagnostic::on_unimplemented(
    message = "the projection `{Self}` does not read the events of `{E}`",
    label = "does not implement `Projects<{E}>`"
)]
pub trait Projects<E: Event>: Projection {
    /// Writes what the event changes.
    ///
    /// # Errors
    /// A [`Failure`] says what is to be done about the event; `?` makes one that is tried again.
    fn apply(
        &self,
        event: &RecordedEvent<E>,
        transaction: &mut Transaction<'_>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
