//! Process: the traits that a program implements, and the commands that it gives.

use std::fmt;
use std::pin::Pin;

use eventsource_core::{Command, EntityId, Event, Failure, RecordedEvent};

use crate::process::cause::Cause;
use crate::process::key::ProcessKey;

/// Process over several machines: it follows their events and gives them commands, until it ends.
///
/// A process, also called a saga, is a machine of its own. An instance of it is an entity: its events
/// are what it remembers, and its rules say what may happen next, when it times out, and where it
/// ends. So it is checked, drawn, stored and searched like every entity, and `eventually(..)` proves
/// that it can end after any history.
///
/// * [`ReactsTo`] turns an event of another machine into a command to the process;
/// * [`act`](Self::act) turns an event of the process into commands to other machines;
/// * [`Ask::if_refused`](crate::Ask::if_refused) turns the refusal of such a command into a command
///   to the process, so that compensation is an ordinary rule of its machine.
///
/// All three may be repeated after a crash, and nothing happens twice: each command has an id that is made
/// from the event that caused it. They must do nothing but return what they return, and depend on
/// nothing but their arguments.
///
/// ```
/// # mod example {
/// use eventsource_core::{Command, Decision, Entity, EntityId, Event, EventStore, RecordedEvent};
/// use eventsource_runtime::{Act, Process, ProcessKey, ReactsTo, Record};
/// use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "guest", id = counter("G-", width = 4))]
/// # pub enum GuestEvent { #[event(terminal)] Left { room: String } }
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "cleaning")]
/// # pub enum CleaningEvent { #[event(terminal)] Ordered { guest: EntityId } }
/// # #[derive(Serialize)]
/// # pub struct Clean { guest: EntityId, room: String }
/// # #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
/// # #[error("nobody works on Sundays")]
/// # pub struct Closed;
/// # impl Command<CleaningEvent> for Clean {
/// #     const NAME: &'static str = "clean";
/// #     type State = CleaningData;
/// #     type Refusal = Closed;
/// #     fn decide(
/// #         &self,
/// #         _cleaning: &Entity<CleaningEvent, CleaningData>,
/// #     ) -> Result<Decision<CleaningEvent>, Closed> {
/// #         Ok(CleaningEvent::Ordered { guest: self.guest }.into())
/// #     }
/// # }
///
/// /// What happens to a room when a guest has left.
/// #[derive(Clone, Serialize, Deserialize, Event)]
/// #[machine(entity = "turnover")]
/// pub enum TurnoverEvent {
///     Begun { guest: EntityId, room: String },
///     #[event(follows = Begun, terminal)]
///     Cleaned,
///     #[event(follows = Begun, terminal)]
///     LeftAsItIs,
/// }
///
/// pub struct Turnover { pub cleanings: EventStore<CleaningEvent> }
///
/// impl Process for Turnover {
///     type Event = TurnoverEvent;
///     type Command = Record<TurnoverEvent>;
///     const NAME: &'static str = "turnover";
///
///     fn act(&self, event: &RecordedEvent<TurnoverEvent>, _: &TurnoverData) -> Vec<Act<Self>> {
///         match &event.event {
///             TurnoverEvent::Begun { guest, room } => {
///                 let clean = Clean { guest: *guest, room: room.clone() };
///                 let closed = |Closed| Record(TurnoverEvent::LeftAsItIs);
///                 vec![Act::create(&self.cleanings, clean).if_refused(closed)]
///             }
///             TurnoverEvent::Cleaned | TurnoverEvent::LeftAsItIs => vec![],
///         }
///     }
/// }
///
/// impl ReactsTo<GuestEvent> for Turnover {
///     fn react(&self, guest: &RecordedEvent<GuestEvent>) -> Option<(ProcessKey, Self::Command)> {
///         let (GuestEvent::Left { room }, guest) = (&guest.event, guest.entity_id);
///         let begun = TurnoverEvent::Begun { guest, room: room.clone() };
///         Some((guest.into(), Record(begun)))
///     }
/// }
///
/// impl ReactsTo<CleaningEvent> for Turnover {
///     fn react(&self, cleaning: &RecordedEvent<CleaningEvent>) -> Option<(ProcessKey, Self::Command)> {
///         // The process has told the cleaning for which guest it is.
///         let CleaningEvent::Ordered { guest } = cleaning.event;
///         Some((guest.into(), Record(TurnoverEvent::Cleaned)))
///     }
/// }
/// # }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a process",
    label = "does not implement `Process`"
)]
pub trait Process: Sized + Send + Sync + 'static {
    /// Events of the process, an enum with rules of its own.
    type Event: Event;

    /// Commands to the process: [`Record`](crate::Record) if its rules decide everything.
    type Command: Command<Self::Event>;

    /// Name of the process: of its subscription, of its actor, `process:fulfilment`, and in the ids of its
    /// commands. It may not change while instances are running.
    const NAME: &'static str;

    /// Returns what has to be done since `event` has happened to the process, in this order.
    ///
    /// `so_far` is the data of the process as of this event, which the event is part of.
    fn act(
        &self,
        event: &RecordedEvent<Self::Event>,
        so_far: &<Self::Event as Event>::Data,
    ) -> Vec<Act<Self>>;

    /// Returns the id of the instance that a key names.
    #[must_use]
    fn id(key: impl Into<ProcessKey>) -> EntityId {
        key.into().entity_id(Self::NAME)
    }
}

/// Reaction of a process to the events of the machine `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not react to events of `{S}`",
    label = "does not implement `ReactsTo<{S}>`"
)]
pub trait ReactsTo<S: Event>: Process {
    /// Returns the instance that the event is for, and the command that it is given; `None` if the event
    /// does not matter to the process.
    ///
    /// A refusal of the command is a mistake of the program: the event is tried again, and then parked
    /// for a person to look at. A command that finds nothing to do decides so.
    fn react(&self, source: &RecordedEvent<S>) -> Option<(ProcessKey, Self::Command)>;
}

/// Command that a process gives to another machine, and what it does if that is refused.
///
/// [`Process::act`] returns acts. An act begins with [`command`](Self::command) or
/// [`create`](Self::create), and is complete when it says what a refusal means: one of the methods of
/// [`Ask`](crate::Ask). So no process forgets it.
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
