//! Repeats of requests: what an earlier one with the same idempotency key has stored.

use crate::store::api::decode::appended;
use crate::store::contract::driver::AppendDriver;
use crate::store::contract::request::{AppendOutcome, KeyOf};
use crate::store::contract::text_checks::check_metadata;
use crate::store::database::on_database;
use crate::{Append, Appended, Error, Event, EventStore, Retry};

impl<E: Event> EventStore<E> {
    /// Checks whether a request of this actor with this [idempotency key](Append::idempotency_key) has
    /// appended events; `None` is a request without an actor.
    ///
    /// [`Append::repeated`] returns them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventStore};
    /// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
    /// let is_done = tasks.idempotency_key_exists(Some("ann"), "evening-walk").await?;
    /// # let _ = is_done;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn idempotency_key_exists(
        &self,
        actor: Option<&str>,
        idempotency_key: &str,
    ) -> Result<bool, Error> {
        let of = KeyOf {
            key: idempotency_key,
            actor: actor.unwrap_or_default(),
        };
        // No database stores U+0000 in a text.
        if of.key.contains('\0') || of.actor.contains('\0') {
            return Ok(false);
        }
        let names = &self.context.names;
        on_database!(&self.store.database, backend => {
            backend.idempotency_key_exists(names, of).await
        })
    }
}

impl<E: Event> Append<'_, E> {
    /// Returns what an earlier request with the same idempotency key has stored, as a repeat of it
    /// would; `None` if there was none, or the request has no key. Stores nothing.
    ///
    /// # Errors
    /// As of the append, where another request had the key or the actor may not append the events.
    ///
    /// ```no_run
    /// # use eventsource_core::{EntityId, Error, Event, EventStore};
    /// # async fn example<E: Event>(tasks: EventStore<E>, id: EntityId, event: E) -> Result<(), Error> {
    /// let append = tasks.append(id, event).by("ann").idempotency_key("evening-walk");
    /// if let Some(appended) = append.repeated().await? {
    ///     println!("stored before: {}", appended.events.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn repeated(self) -> Result<Option<Appended<E>>, Error> {
        check_metadata(&self.metadata)?;
        match self.check_roles() {
            Ok(()) => self.earlier_answer().await,
            Err(refused) => match self.own_earlier_answer().await? {
                Some(appended) => Ok(Some(appended)),
                None => Err(refused),
            },
        }
    }

    /// Returns what an earlier request with the same key has stored.
    async fn earlier_answer(&self) -> Result<Option<Appended<E>>, Error> {
        if self.metadata.idempotency_key.is_none() {
            return Ok(None);
        }
        let (request, decoded) = self.request()?;
        let EventStore { store, context, .. } = self.events;
        let outcome =
            on_database!(&store.database, backend => backend.repeated(context, &request).await)?;
        match outcome {
            Some(outcome) => self.answer(outcome, decoded).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns what an earlier request of the same actor has stored: a key that an earlier version has
    /// stored is anybody's.
    pub(super) async fn own_earlier_answer(&self) -> Result<Option<Appended<E>>, Error> {
        let appended = match self.earlier_answer().await {
            Ok(appended) => appended,
            Err(error) if error.retry() == Retry::Later => return Err(error),
            // Another request has the key, or this one could not be stored: the role is what lacks first.
            Err(_) => return Ok(None),
        };
        let actor = &self.metadata.actor;
        let is_own = |appended: &Appended<E>| {
            let mut events = appended.events.iter();
            events.all(|event| event.metadata.actor == *actor)
        };
        Ok(appended.filter(is_own))
    }

    /// Returns the answer to this request, whose events have been decoded; of a repeat, what the reader
    /// of the handle may see.
    pub(super) async fn answer(
        &self,
        outcome: AppendOutcome,
        decoded: Vec<E>,
    ) -> Result<Appended<E>, Error> {
        let context = &self.events.context;
        let mut sent = decoded.into_iter();
        let rows = outcome.rows.into_iter();
        let mut events = rows
            .map(|row| appended(context, row, &mut sent))
            .collect::<Result<Vec<_>, _>>()?;
        if outcome.replayed {
            events = self.events.shown(events).await?;
        }
        Ok(Appended {
            events,
            replayed: outcome.replayed,
        })
    }
}
