//! What an earlier request with a key has stored.

use crate::store::api::decode::recorded;
use crate::store::contract::driver::AppendDriver;
use crate::store::contract::request::KeyOf;
use crate::store::database::on_database;
use crate::{Appended, Error, Event, EventStore};

impl<E: Event> EventStore<E> {
    /// Returns what a request with this [idempotency key](crate::Append::idempotency_key) of this actor
    /// has stored, whatever it was; `None` if there was none. An actor of `None` is a request without one.
    ///
    /// Unlike [`Append::repeated`](crate::Append::repeated) it compares no events: who decides anew which
    /// events to append may decide otherwise than the first time.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`], [`Error::Unreadable`] if the program cannot read one
    /// of the events, or the reader of the handle may not see it.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventStore};
    /// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
    /// if let Some(appended) = tasks.answered("evening-walk", Some("ann")).await? {
    ///     println!("stored before: {}", appended.events.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn answered(
        &self,
        key: &str,
        actor: Option<&str>,
    ) -> Result<Option<Appended<E>>, Error> {
        let actor = actor.unwrap_or_default();
        // No database stores U+0000 in a text.
        if key.contains('\0') || actor.contains('\0') {
            return Ok(None);
        }
        let context = &*self.context;
        let rows = on_database!(&self.store.database, backend => {
            backend.answered(context, KeyOf { key, actor }).await
        })?;
        let Some(rows) = rows else {
            return Ok(None);
        };
        let events = rows.into_iter().map(|row| recorded(context, row));
        let events = self.shown(events.collect::<Result<_, _>>()?).await?;
        Ok(Some(Appended {
            events,
            replayed: true,
        }))
    }
}
