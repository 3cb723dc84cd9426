//! Commands that clients may give, without their types.

use chrono::{DateTime, Utc};
use eventsource_core::{
    Actor, Command, EntityId, Error, Event, EventStore, Execute, ExecuteError, Executed, Seq,
    type_schema,
};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Command that clients may give.
pub(crate) struct ClientCommand<E: Event> {
    /// Name in paths.
    pub(crate) name: &'static str,
    /// Schema of its body.
    pub(crate) schema: Value,
    /// Reads the command from a body, to be executed at once.
    pub(crate) read: Read<Run<E>>,
    /// Reads the command from a body, to be executed later, if it can be.
    pub(crate) read_for_later: Option<Read<Submit<E>>>,
}

/// Reads something from a body.
type Read<T> = fn(Value) -> serde_json::Result<T>;

/// Executes the command of a request.
pub(crate) type Run<E> = Box<
    dyn for<'a> FnOnce(
            &'a EventStore<E>,
            Execution,
        ) -> BoxFuture<'a, Result<Executed<E>, CommandFailure>>
        + Send,
>;

/// Submits the command of a request; returns its id.
pub(crate) type Submit<E> = Box<
    dyn for<'a> FnOnce(&'a EventStore<E>, Execution) -> BoxFuture<'a, Result<String, Error>> + Send,
>;

impl<E: Event> ClientCommand<E> {
    /// Describes a command that is executed at once.
    pub(crate) fn at_once<C>() -> Self
    where
        C: Command<E> + DeserializeOwned + 'static,
        C::Refusal: Serialize,
    {
        Self {
            name: C::NAME,
            schema: schema_of::<C>(),
            read: |body| {
                let command = read_command::<C>(body)?;
                Ok(Box::new(move |events, execution| {
                    run(execution.of(events, command))
                }))
            },
            read_for_later: None,
        }
    }

    /// Describes a command that is executed at once, or later; it is kept with its outcome.
    pub(crate) fn submittable<C>() -> Self
    where
        C: Command<E> + Serialize + DeserializeOwned + 'static,
        C::Refusal: Serialize,
    {
        Self {
            name: C::NAME,
            schema: schema_of::<C>(),
            read: |body| {
                let command = read_command::<C>(body)?;
                Ok(Box::new(move |events, execution| {
                    run(execution.of(events, command).archived())
                }))
            },
            read_for_later: Some(|body| {
                let command = read_command::<C>(body)?;
                Ok(Box::new(move |events, execution| {
                    Box::pin(execution.of(events, command).submit())
                }))
            }),
        }
    }
}

/// Executes a command, and says without its types why it was not.
fn run<E: Event, C: Command<E> + 'static>(
    execute: Execute<'_, E, C>,
) -> BoxFuture<'_, Result<Executed<E>, CommandFailure>>
where
    C::Refusal: Serialize,
{
    Box::pin(async move { execute.await.map_err(CommandFailure::from) })
}

/// What a request says of the execution of its command.
pub(crate) struct Execution {
    /// Entity; `None` to begin one.
    pub(crate) entity_id: Option<EntityId>,
    pub(crate) command_id: Option<String>,
    pub(crate) actor: Option<Actor>,
    pub(crate) expected: Option<Seq>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) causation_id: Option<String>,
}

impl Execution {
    /// Returns the execution of a command as the request says.
    fn of<E: Event, C: Command<E>>(self, events: &EventStore<E>, command: C) -> Execute<'_, E, C> {
        let mut execute = match self.entity_id {
            Some(id) => events.execute(id, command),
            None => events.execute_new(command),
        };
        if let Some(id) = self.command_id {
            execute = execute.command_id(id);
        }
        if let Some(actor) = self.actor {
            execute = execute.by(actor);
        }
        if let Some(seq) = self.expected {
            execute = execute.expecting(seq);
        }
        if let Some(id) = self.correlation_id {
            execute = execute.correlated_with(id);
        }
        if let Some(id) = self.causation_id {
            execute = execute.caused_by(id);
        }
        execute
    }
}

/// Reason for which a command was not executed.
pub(crate) enum CommandFailure {
    /// Refusal by the command, now or when its id was used first.
    Refused {
        message: String,
        /// Refusal, as serde writes it.
        refusal: Value,
        /// Time of an earlier refusal.
        refused_at: Option<DateTime<Utc>>,
    },
    /// Error of the store.
    Store(Error),
    /// Failure that this version does not know.
    Other(String),
}

impl CommandFailure {
    /// Leaves out what a refusal may tell of the entity, for a client that may not read it.
    pub(crate) fn for_strangers(self) -> Self {
        match self {
            Self::Refused { refused_at, .. } => Self::Refused {
                message: "The command was refused.".to_owned(),
                refusal: Value::Null,
                refused_at,
            },
            other => other,
        }
    }
}

/// Returns the schema of the body of a command.
fn schema_of<C: DeserializeOwned>() -> Value {
    match type_schema::<C>() {
        // A unit struct, which a body writes as an object without members.
        schema if schema["type"] == "null" => serde_json::json!({ "type": "object" }),
        schema => schema,
    }
}

/// Reads a command from a body.
fn read_command<C: DeserializeOwned>(body: Value) -> Result<C, serde_json::Error> {
    let is_empty = body.as_object().is_some_and(Map::is_empty);
    match serde_json::from_value::<C>(body) {
        Err(_) if is_empty && serde_json::from_value::<C>(Value::Null).is_ok() => {
            serde_json::from_value(Value::Null)
        }
        read => read,
    }
}

impl<R: std::error::Error + Serialize> From<ExecuteError<R>> for CommandFailure {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => Self::Refused {
                message: refusal.to_string(),
                refusal: serde_json::to_value(&refusal).unwrap_or_default(),
                refused_at: None,
            },
            ExecuteError::RefusedBefore {
                message,
                refusal,
                at,
            } => Self::Refused {
                message,
                refusal,
                refused_at: Some(at),
            },
            ExecuteError::Store(error) => Self::Store(error),
            error => Self::Other(error.to_string()),
        }
    }
}
