//! Acts of a process: commands to other machines.

use std::fmt;
use std::pin::Pin;

use eventsource_core::{Command, EntityId, Event, EventStore, Failure};

use crate::process::ask::Ask;
use crate::process::cause::Cause;
use crate::process::process::Process;

/// Command that a process gives to another machine, and what it does if that is refused.
///
/// [`Process::act`] returns acts. An act begins with [`command`](Self::command) or
/// [`create`](Self::create), and is complete when it says what a refusal means: one of the methods of
/// [`Ask`]. So no process forgets it.
#[must_use = "an act is done when `Process::act` returns it"]
pub struct Act<P: Process> {
    name: String,
    run: Run<P>,
}

/// Gives the command, and returns what the process is told about it, if anything.
type Run<P> = Box<dyn FnOnce(Cause) -> Pin<Box<dyn Future<Output = Answer<P>> + Send>> + Send>;

/// What the process is told about a command, if anything.
type Answer<P> = Result<Option<<P as Process>::Command>, Failure>;

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

    /// Creates the act of this name, for messages.
    pub(super) fn new<F>(name: String, run: impl FnOnce(Cause) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Answer<P>> + Send + 'static,
    {
        let run: Run<P> = Box::new(move |cause| Box::pin(run(cause)));
        Self { name, run }
    }

    /// Gives the command; returns what the process is told about it, if anything.
    pub(super) async fn run(self, cause: Cause) -> Answer<P> {
        (self.run)(cause).await
    }
}

impl<P: Process> fmt::Debug for Act<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Act").field(&self.name).finish()
    }
}
