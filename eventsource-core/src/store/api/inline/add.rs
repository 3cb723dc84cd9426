//! Adding an inline model to a handle.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::store::api::inline::companion::Inline;
use crate::store::api::inline::fill::Filling;
use crate::store::api::inline::model::InlineModel;
use crate::{Error, Event, EventStore};

impl<E: Event> EventStore<E> {
    /// Returns a handle that writes a read model in the transaction of each of its appends and
    /// imports: the model is never behind, and refuses an event by failing.
    ///
    /// The first time, the model is filled from the events that are stored, and registered: from then
    /// on the database refuses the appends of all handles and programs that lack it, or have another
    /// version, with [`Error::InlineMissing`]. Until it is level others append as before; then they
    /// wait for the rest of it. A higher `VERSION` is filled in the same way, and replaces the earlier
    /// one.
    ///
    /// If a model fails, nothing of its append is stored: [`Error::ByProjection`]. A model may take as
    /// long as [`StoreOptions::inline_timeout`](crate::StoreOptions::inline_timeout) says. Models write
    /// in the order in which they were added, and see the events of one entity in order. Appends to
    /// different entities have no order among each other before they are committed, so what a model
    /// keeps for several entities together must not depend on it.
    ///
    /// A first registration needs the rights of the owner of the tables, and on Postgres two
    /// connections. A model is inline for one machine.
    ///
    /// ```
    /// # mod example {
    /// use eventsource_core::{
    ///     EntityId, Event, Failure, Projection, Projects, RecordedEvent, Store, Tables, Transaction,
    /// };
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Debug, Serialize, Deserialize, Event)]
    /// #[machine(entity = "user")]
    /// pub enum UserEvent {
    ///     #[event(terminal)]
    ///     Registered { email: String },
    /// }
    ///
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
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # pub async fn main() -> Result<(), eventsource_core::Error> {
    /// let store = Store::connect("sqlite::memory:").await?;
    /// let users = store.migrate::<UserEvent>().await?.inline(Emails).await?;
    ///
    /// let register = || UserEvent::Registered { email: "ann@example.org".into() };
    /// users.append(EntityId::new(), register()).await?;
    /// let taken = users.append(EntityId::new(), register()).await.unwrap_err();
    /// assert!(taken.is_unique_violation());
    ///
    /// // Whoever lacks the model appends nothing.
    /// let unaware = store.open::<UserEvent>().await?;
    /// unaware.append(EntityId::new(), register()).await.unwrap_err();
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::MigrationRefused`] if the model is registered otherwise, or its name is none;
    /// [`Error::InlineMissing`] if a higher version of it is registered; [`Error::NotPermitted`] if it
    /// is to be registered and the role may not; [`Error::ByProjection`] if it fails on a stored event,
    /// [`Error::Unreadable`] if one cannot be read; [`Error::Unavailable`] if appends do not let it in
    /// within [`StoreOptions::lock_timeout`](crate::StoreOptions::lock_timeout). The log goes on as
    /// before then.
    pub async fn inline<M, Kind>(mut self, model: M) -> Result<Self, Error>
    where
        M: InlineModel<E, Kind>,
        Kind: 'static,
    {
        let filling = Filling::new(&self, &model)?;
        if self.companions.has(filling.name) {
            return Err(filling.refused("the handle has it already"));
        }
        let generation = filling.ready().await?;
        let companion: Inline<E, M, Kind> = Inline {
            model,
            tables: self.store.tables().of_generation(generation),
            generation,
            of: PhantomData,
        };
        self.companions = self.companions.with(Arc::new(companion));
        Ok(self)
    }
}
