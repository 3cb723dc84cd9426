//! What a process does with one event, whether of its own machine or of another.

use eventsource_core::{Actor, EntityId, Event, EventStore, Failure, Fold, RecordedEvent, Seq};

use crate::contract::faults::{Faults, Point};
use crate::process::cause::{Cause, failure};
use crate::process::process::{Process, ReactsTo};

/// Process with what it needs to run: its own log, and the actor in whose name it acts.
pub(super) struct Running<P: Process> {
    pub(super) process: P,
    pub(super) events: EventStore<P::Event>,
    pub(super) actor: Actor,
    pub(super) faults: Faults,
}

/// Command to an instance of a process.
struct Told<P: Process> {
    id: EntityId,
    command: P::Command,
    cause: Cause,
}

impl<P: Process> Running<P> {
    /// Returns the instance that an event of the machine `S` is for; `None` if it does not matter.
    pub(super) fn instance<S: Event>(&self, event: &RecordedEvent<S>) -> Option<EntityId>
    where
        P: ReactsTo<S>,
    {
        let (key, _) = self.process.react(event)?;
        Some(key.entity_id(P::NAME))
    }

    /// Gives an instance the command that an event of another machine leads to.
    pub(super) async fn react<S: Event>(&self, event: &RecordedEvent<S>) -> Result<(), Failure>
    where
        P: ReactsTo<S>,
    {
        let Some((key, command)) = self.process.react(event) else {
            return Ok(());
        };
        let id = key.entity_id(P::NAME);
        let cause = Cause::event(&self.actor, P::NAME, event);
        self.tell(Told { id, command, cause }).await
    }

    /// Gives the commands that an event of the process leads to, one after the other.
    ///
    /// A repeat finds those that were given, and goes on where the first time has ended.
    pub(super) async fn act(&self, event: &RecordedEvent<P::Event>) -> Result<(), Failure> {
        let so_far = self.so_far(event).await?;
        let cause = Cause::event(&self.actor, P::NAME, event);
        for (number, act) in self.process.act(event, &so_far).into_iter().enumerate() {
            let cause = cause.act(number);
            self.reach(Point::BeforeCommand).await?;
            let told = act.run(cause.clone()).await?;
            self.reach(Point::AfterCommand).await?;
            if let Some(command) = told {
                let (id, cause) = (event.entity_id, cause.refused());
                self.tell(Told { id, command, cause }).await?;
            }
        }
        Ok(())
    }

    /// Returns the data of the process as of one of its events.
    async fn so_far(
        &self,
        event: &RecordedEvent<P::Event>,
    ) -> Result<<P::Event as Event>::Data, Failure> {
        let mut data = <P::Event as Event>::Data::default();
        if event.seq == Seq::new(1) {
            data.apply(event);
            return Ok(data);
        }
        let folded = self.events.data(event.entity_id).as_of(event.seq).await?;
        Ok(folded.map_or(data, |folded| folded.value))
    }

    /// Gives a command to an instance of the process.
    async fn tell(&self, told: Told<P>) -> Result<(), Failure> {
        self.reach(Point::BeforeCommand).await?;
        let execution = self.events.execute(told.id, told.command);
        told.cause.of(execution).await.map_err(failure)?;
        self.reach(Point::AfterCommand).await
    }

    /// Lets a test make the process fail at a point.
    async fn reach(&self, point: Point) -> Result<(), Failure> {
        let reached = self.faults.reach(point, P::NAME).await;
        reached.map_err(Failure::retry)
    }
}
