//! Command of a process, before the process has said what a refusal means.

use std::fmt;
use std::marker::PhantomData;

use eventsource_core::{Command, EntityId, Event, EventStore, Execute, ExecuteError, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::process::cause::{Cause, failure};
use crate::process::process::{Act, Process};

impl<P: Process> Act<P> {
    /// Gives a command to the entity with this id.
    pub fn command<E, C>(machine: &EventStore<E>, id: EntityId, command: C) -> Ask<P, E, C>
    where
        E: Event,
        C: Command<E> + 'static,
    {
        Ask::new(machine, Some(id), command)
    }

    /// Gives a command to a new entity, which it creates with an id as `#[machine(id = ..)]` says.
    ///
    /// How does the process learn the id? By reacting to the event that creates it, which names the
    /// process.
    pub fn create<E, C>(machine: &EventStore<E>, command: C) -> Ask<P, E, C>
    where
        E: Event,
        C: Command<E> + 'static,
    {
        Ask::new(machine, None, command)
    }
}

/// Command that a process is about to give; say what its refusal means, and it is an [`Act`].
///
/// | the command is refused | say |
/// | --- | --- |
/// | and the process goes another way | [`if_refused`](Self::if_refused) |
/// | and that is fine: what it asks for is done, or no longer needed | [`or_leave_it`](Self::or_leave_it) |
/// | and that cannot be, as far as the program knows | [`never_refused`](Self::never_refused) |
#[must_use = "say what a refusal means: `if_refused`, `or_leave_it` or `never_refused`"]
pub struct Ask<P, E: Event, C> {
    machine: EventStore<E>,
    /// Entity; `None` if the command creates it.
    entity_id: Option<EntityId>,
    command: C,
    process: PhantomData<fn() -> P>,
}

impl<P, E, C> Ask<P, E, C>
where
    P: Process,
    E: Event,
    C: Command<E> + 'static,
{
    pub(super) fn new(machine: &EventStore<E>, entity_id: Option<EntityId>, command: C) -> Self {
        Self {
            machine: machine.clone(),
            entity_id,
            command,
            process: PhantomData,
        }
    }

    /// Tells the process, by the command that `answer` makes of the refusal.
    ///
    /// What was answered first holds: the outcome is kept in the archive of commands, so that after a
    /// crash, too, the process cannot be told of a refusal of what is then done. For this the command is
    /// stored as serde writes it, and so is the refusal.
    pub fn if_refused<A>(self, answer: A) -> Act<P>
    where
        A: FnOnce(C::Refusal) -> P::Command + Send + 'static,
        C: Serialize,
        C::Refusal: Serialize + DeserializeOwned,
    {
        Act::new(self.name(), move |cause| async move {
            let Self {
                machine,
                entity_id,
                command,
                ..
            } = self;
            let execution = execution(&machine, entity_id, command, cause);
            let refusal = match execution.archived().await {
                Ok(_) => return Ok(None),
                Err(ExecuteError::Refused(refusal)) => refusal,
                Err(ExecuteError::RefusedBefore { refusal, .. }) => {
                    serde_json::from_value(refusal).map_err(|error| Failure::Park(error.into()))?
                }
                Err(error) => return Err(failure(error)),
            };
            Ok(Some(answer(refusal)))
        })
    }

    /// Goes on in silence if the command is refused.
    pub fn or_leave_it(self) -> Act<P> {
        Act::new(self.name(), move |cause| async move {
            let Self {
                machine,
                entity_id,
                command,
                ..
            } = self;
            match execution(&machine, entity_id, command, cause).await {
                Ok(_) | Err(ExecuteError::Refused(_) | ExecuteError::RefusedBefore { .. }) => {
                    Ok(None)
                }
                Err(error) => Err(failure(error)),
            }
        })
    }

    /// Takes a refusal for a mistake of the program: the process is parked for a person to look at.
    pub fn never_refused(self) -> Act<P> {
        Act::new(self.name(), move |cause| async move {
            let Self {
                machine,
                entity_id,
                command,
                ..
            } = self;
            let executed = execution(&machine, entity_id, command, cause).await;
            executed.map(|_| None).map_err(failure)
        })
    }

    fn name(&self) -> String {
        let (command, entity) = (C::NAME, E::ENTITY);
        match self.entity_id {
            Some(id) => format!("{command} {entity} {}", E::ID.format(id)),
            None => format!("{command} a new {entity}"),
        }
    }
}

/// Returns the execution of a command in the name of a process.
fn execution<E: Event, C: Command<E>>(
    machine: &EventStore<E>,
    entity_id: Option<EntityId>,
    command: C,
    cause: Cause,
) -> Execute<'_, E, C> {
    let execution = match entity_id {
        Some(id) => machine.execute(id, command),
        None => machine.execute_new(command),
    };
    cause.of(execution)
}

impl<P, E: Event, C> fmt::Debug for Ask<P, E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("entity", &E::ENTITY)
            .finish_non_exhaustive()
    }
}
