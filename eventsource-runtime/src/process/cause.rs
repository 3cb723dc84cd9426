//! Cause of a command: the event that a process answers with it.

use std::error::Error as StdError;

use eventsource_core::{
    Actor, Command, Event, Execute, ExecuteError, Failure, RecordedEvent, Retry,
};

/// What a command of a process, or to it, is executed with.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    actor: Actor,
    command_id: String,
    causation_id: String,
    correlation_id: String,
}

impl Cause {
    /// Returns the cause of the one command that `event` leads to: `<name>/<event id>`.
    ///
    /// The business case is the one that the event belongs to, or else begins with its entity.
    pub(super) fn event<E: Event>(actor: &Actor, name: &str, event: &RecordedEvent<E>) -> Self {
        let correlation_id = event.metadata.correlation_id.clone();
        Self {
            actor: actor.clone(),
            command_id: format!("{name}/{}", event.id),
            causation_id: event.id.to_string(),
            correlation_id: correlation_id.unwrap_or_else(|| event.entity_id.to_string()),
        }
    }

    /// Returns the cause of the act with this number, from 0: `<name>/<event id>/<number>`.
    pub(super) fn act(&self, number: usize) -> Self {
        self.at(&number.to_string())
    }

    /// Returns the cause of what the process is told when this was refused.
    pub(super) fn refused(&self) -> Self {
        self.at("refused")
    }

    fn at(&self, place: &str) -> Self {
        let command_id = format!("{}/{place}", self.command_id);
        Self {
            command_id,
            ..self.clone()
        }
    }

    /// Adds all of it to an execution.
    pub(super) fn of<E: Event, C: Command<E>>(
        self,
        execution: Execute<'_, E, C>,
    ) -> Execute<'_, E, C> {
        execution
            .by(self.actor)
            .command_id(self.command_id)
            .caused_by(self.causation_id)
            .correlated_with(self.correlation_id)
    }
}

/// Says whether a command that failed is worth another try.
pub(super) fn failure<R: StdError + Send + Sync + 'static>(error: ExecuteError<R>) -> Failure {
    match error.retry() {
        Retry::Never => Failure::Park(error.into()),
        _ => Failure::Retry {
            error: error.into(),
            after: None,
        },
    }
}
