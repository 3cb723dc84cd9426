//! Builder of the execution of a command.

use std::future::IntoFuture;
use std::pin::Pin;

use serde::Serialize;

use crate::store::api::execute::run::Execution;
use crate::{
    Actor, Command, EntityId, Error, Event, EventStore, ExecuteError, Executed, Metadata, Seq,
};

/// Execution of a command: await it to decide and to store what was decided.
///
/// ```no_run
/// # use eventsource_core::{Command, EntityId, Event, EventStore, ExecuteError};
/// # async fn example<E: Event, C: Command<E>>(
/// #     tasks: EventStore<E>, id: EntityId, command: C,
/// # ) -> Result<(), ExecuteError<C::Refusal>> {
/// let executed = tasks
///     .execute(id, command)
///     .by("ann")
///     .command_id("request-7")
///     .await?;
/// # let _ = executed;
/// # Ok(())
/// # }
/// ```
#[must_use = "a command does nothing until its execution is awaited"]
pub struct Execute<'a, E: Event, C: Command<E>> {
    execution: Execution<'a, E, C>,
}

impl<E: Event> EventStore<E> {
    /// Executes a command on an entity: loads it, asks the command, and appends what it decides.
    ///
    /// If the entity has changed before that is stored, all of it is done again, 10 times at most. The
    /// entity need not have events yet; where ids come from a counter, it begins with
    /// [`execute_new`](Self::execute_new).
    ///
    /// The command sees all events, whoever the [reader](Self::reading_as) of this handle is: as for an
    /// append, `by(..)` says who may make them happen.
    pub fn execute<C: Command<E>>(&self, id: EntityId, command: C) -> Execute<'_, E, C> {
        Execute {
            execution: Execution::new(self, Some(id), command),
        }
    }

    /// Executes a command on an entity that it creates, with an id made as `#[machine(id = ..)]` says.
    ///
    /// If it decides that nothing happens, or refuses, there is no entity. With a
    /// [command id](Execute::command_id) a repeat returns the entity that the first request created.
    pub fn execute_new<C: Command<E>>(&self, command: C) -> Execute<'_, E, C> {
        Execute {
            execution: Execution::new(self, None, command),
        }
    }
}

impl<E: Event, C: Command<E>> Execute<'_, E, C> {
    /// Sets the actor, as of an [append](crate::Append::by).
    pub fn by(mut self, actor: impl Into<Actor>) -> Self {
        let (id, roles) = actor.into().into_parts();
        self.metadata().actor = Some(id);
        self.metadata().roles = roles;
        self
    }

    /// Sets the id by which a repeat of this request is recognised, among all requests of this actor
    /// to this machine: the [idempotency key](crate::Append::idempotency_key) of its events.
    ///
    /// If a request with this id has stored events, the command is not executed, and those events are the
    /// answer. A repeat decides anew if the first request was refused, or had nothing to do. The id of a
    /// request to another entity is
    /// [`Error::IdempotencyKeyReused`](crate::Error::IdempotencyKeyReused).
    pub fn command_id(mut self, id: impl Into<String>) -> Self {
        self.metadata().idempotency_key = Some(id.into());
        self
    }

    /// Sets the id of the direct cause of the events, such as an event of another entity.
    pub fn caused_by(mut self, id: impl Into<String>) -> Self {
        self.metadata().causation_id = Some(id.into());
        self
    }

    /// Sets the id of the larger unit that the events belong to, such as a business case.
    pub fn correlated_with(mut self, id: impl Into<String>) -> Self {
        self.metadata().correlation_id = Some(id.into());
        self
    }

    /// Requires the entity to have exactly this many events.
    ///
    /// Otherwise the command is not executed, and the answer is
    /// [`Error::Conflict`](crate::Error::Conflict).
    pub fn expecting(mut self, seq: Seq) -> Self {
        self.execution.expected = Some(seq);
        self
    }

    /// Sets how often the command is asked at most, 1 or more; 10 by default.
    ///
    /// It is asked again whenever the entity has changed before its decision was stored. After the last
    /// time the answer is [`Error::Conflict`](crate::Error::Conflict).
    pub fn tries(mut self, most: u32) -> Self {
        self.execution.most_tries = most.max(1);
        self
    }

    /// Writes the command into an archive, with its outcome: in the transaction of its events, or alone if
    /// it refuses or has nothing to do.
    ///
    /// With a [command id](Self::command_id) a repeat is answered by the archive, also one of a command
    /// that was refused: by [`ExecuteError::RefusedBefore`]. Of two outcomes at once, one is stored.
    /// [`EventStore::command`] reads the archive, which [`Store::migrate_runtime`](crate::Store::migrate_runtime)
    /// makes.
    pub fn archived(mut self) -> Self
    where
        C: Serialize,
        C::Refusal: Serialize,
    {
        self.execution = self.execution.archiving();
        self
    }

    /// Writes the command into the archive, to be executed later, and returns its id: that
    /// which was given, or a new one.
    ///
    /// [`EventStore::execute_submitted`] executes it, and [`EventStore::command`] tells what has come of it. A
    /// repeat with the same id changes nothing.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] if another command has the id, or this one with other contents; [`Error::InvalidInput`] if the command
    /// is to create an entity, whose id it could not tell, or cannot be written;
    /// [`Error::RuntimeNotMigrated`] if there is no archive.
    pub async fn submit(self) -> Result<String, Error>
    where
        C: Serialize,
        C::Refusal: Serialize,
    {
        self.execution.archiving().submit().await
    }

    /// Loads the entity from the database, and keeps nothing of it.
    ///
    /// Otherwise the state that the last command of this process has left is the one that the command
    /// decides on first. That is only an order of things: what is stored, or answered, is always decided
    /// on the entity as the database has it.
    pub fn uncached(mut self) -> Self {
        self.execution.uses_cache = false;
        self
    }

    fn metadata(&mut self) -> &mut Metadata {
        &mut self.execution.metadata
    }
}

/// # Errors
/// [`ExecuteError::Refused`] if the command refuses, [`ExecuteError::Store`] with the errors of an
/// [append](crate::Append) and of a [fold](crate::FoldQuery).
impl<'a, E: Event, C: Command<E> + 'a> IntoFuture for Execute<'a, E, C> {
    type Output = Result<Executed<E>, ExecuteError<C::Refusal>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execution.run())
    }
}
