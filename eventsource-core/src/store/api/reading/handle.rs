//! Handles with a reader, and what it may read and see.

use std::sync::Arc;

use crate::store::api::reading::policy::{DynReadPolicy, ReadPolicy};
use crate::store::api::reading::reader::Reader;
use crate::store::api::reading::scope::ReadScope;
use crate::{Actor, Error, Event, EventStore};

impl<E: Event> EventStore<E> {
    /// Returns a handle that asks `policy` what its readers may read.
    ///
    /// The policy holds for the handles that [`reading_as`](Self::reading_as) and
    /// [`reading_anonymously`](Self::reading_anonymously) make from this one; the handle itself goes on
    /// reading everything. A handle has one policy, the last.
    #[must_use]
    pub fn with_read_policy(mut self, policy: impl ReadPolicy<E>) -> Self {
        let policy: Arc<dyn DynReadPolicy<E>> = Arc::new(policy);
        self.policy = Some(policy);
        self
    }

    /// Returns a handle whose reads show what `reader` may see.
    ///
    /// `#[machine(read_by(..))]`, `#[event(read_by(..))]` and the [`ReadPolicy`] of the handle are applied
    /// to heads, histories, events, searches, data, folds, feeds, subscriptions and exports, at any point
    /// in time, and to the answer of a repeated append:
    ///
    /// * Without a role that may read the machine, each fails with [`Error::ReaderNotAllowed`].
    /// * An entity that the policy excludes is as if it did not exist.
    /// * An event whose fields the reader may not see keeps its place, as an
    ///   [`UnreadableEvent`](crate::UnreadableEvent) with the reason
    ///   [`Hidden`](crate::UnreadableReason::Hidden). What cannot do without its fields, such as a fold of
    ///   your own, fails with [`Error::Unreadable`].
    /// * A field of the data that such an event type feeds is `None`, and named by
    ///   [`Folded::hidden_fields`](crate::Folded::hidden_fields); a search by it fails with
    ///   [`Error::HiddenField`].
    ///
    /// Appends are guarded by `by(..)`, whoever the reader is. Positions and log sequences count all
    /// events. The database knows nothing of readers: whoever connects with SQL reads all.
    ///
    /// ```
    /// # mod example {
    /// use eventsource_core::{Actor, EntityId, Event, Role, Store};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
    /// pub enum Staff {
    ///     Clerk,
    ///     Doctor,
    /// }
    ///
    /// #[derive(Serialize, Deserialize, Event)]
    /// #[machine(entity = "visit", roles = Staff, read_by(Clerk, Doctor))]
    /// pub enum VisitEvent {
    ///     Arrived { name: String },
    ///     #[event(follows = Arrived, read_by(Doctor), terminal)]
    ///     Diagnosed { code: String },
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # pub async fn main() -> Result<(), eventsource_core::Error> {
    /// let visits = Store::connect("sqlite::memory:").await?.migrate::<VisitEvent>().await?;
    /// let id = EntityId::new();
    /// let arrived = VisitEvent::Arrived { name: "Bob".into() };
    /// visits.append(id, arrived).event(VisitEvent::Diagnosed { code: "J00".into() }).await?;
    ///
    /// let clerk = visits.reading_as(Actor::new("ann").with_role(Staff::Clerk));
    /// let visit = clerk.data(id).await?.unwrap();
    /// assert_eq!((visit.value.name.as_deref(), visit.value.code), (Some("Bob"), None));
    /// assert_eq!((visit.hidden_fields, visit.head.seq.get()), (vec!["code"], 2));
    /// let events = clerk.history(id).each().await?;
    /// assert!(events[0].is_ok() && events[1].is_err());
    ///
    /// visits.reading_as("eve").head(id).await.unwrap_err();
    /// # Ok(())
    /// # }
    /// # }
    /// # example::main().unwrap();
    /// ```
    #[must_use]
    pub fn reading_as(&self, reader: impl Into<Actor>) -> Self {
        let reader = Reader::Actor(Arc::new(reader.into()));
        Self {
            reader,
            ..self.clone()
        }
    }

    /// Returns a handle whose reads show what somebody without a name may see: see
    /// [`reading_as`](Self::reading_as).
    #[must_use]
    pub fn reading_anonymously(&self) -> Self {
        Self {
            reader: Reader::Anonymous,
            ..self.clone()
        }
    }

    /// Returns a handle that reads everything.
    pub(crate) fn reading_as_program(&self) -> Self {
        Self {
            reader: Reader::Program,
            ..self.clone()
        }
    }

    /// Returns whether this handle reads for somebody, named or not, and not for the program itself.
    ///
    /// ```no_run
    /// # use eventsource_core::{Event, EventStore};
    /// # fn example<E: Event>(tasks: EventStore<E>) {
    /// assert!(!tasks.names_reader());
    /// assert!(tasks.reading_as("ann").names_reader());
    /// assert!(tasks.reading_anonymously().names_reader());
    /// # }
    /// ```
    #[must_use]
    pub fn names_reader(&self) -> bool {
        !matches!(self.reader, Reader::Program)
    }

    /// Returns whether the rules let the reader of this handle see all fields of all entities, and no
    /// policy can take that away.
    #[must_use]
    pub fn reads_everything(&self) -> bool {
        match &self.reader {
            Reader::Program => true,
            reader => {
                self.policy.is_none()
                    && may_read::<E>(reader).is_ok()
                    && ReadScope::<E>::all().of_roles(reader.roles()).is_all()
            }
        }
    }

    /// Returns what the reader of this handle may read and see now.
    ///
    /// # Errors
    /// [`Error::ReaderNotAllowed`], [`Error::ReadPolicy`], and [`Error::InvalidInput`] if the policy names
    /// a field that the data do not have.
    pub(crate) async fn read_scope(&self) -> Result<ReadScope<E>, Error> {
        let actor = match &self.reader {
            Reader::Program => return Ok(ReadScope::all()),
            Reader::Anonymous => None,
            Reader::Actor(actor) => Some(&**actor),
        };
        may_read::<E>(&self.reader)?;
        let scope = match &self.policy {
            None => ReadScope::all(),
            Some(policy) => policy.scope_boxed(actor).await?.checked()?,
        };
        Ok(scope.of_roles(self.reader.roles()))
    }
}

/// Checks that the reader may read the machine at all.
fn may_read<E: Event>(reader: &Reader) -> Result<(), Error> {
    let roles = reader.roles();
    if E::MACHINE.may_read(roles) {
        return Ok(());
    }
    Err(Error::ReaderNotAllowed {
        entity: E::ENTITY,
        allowed: (E::MACHINE.readers().iter())
            .map(ToString::to_string)
            .collect(),
        actual: roles.to_vec(),
    })
}
