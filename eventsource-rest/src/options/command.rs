//! Commands that clients may give, without their types.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use eventsource_core::{
    Actor, Command, EntityId, Error, Event, EventStore, ExecuteError, Executed, Seq, type_schema,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Command that clients may give.
pub(crate) trait ReadCommand<E: Event>: Send + Sync {
    /// Name in paths.
    fn name(&self) -> &'static str;

    /// Returns the schema of its body.
    fn schema(&self) -> Value;

    /// Reads the command from a body.
    ///
    /// # Errors
    /// What serde says.
    fn read(&self, body: Value) -> Result<Box<dyn Execute<E>>, serde_json::Error>;
}

/// Command of a request, ready to be executed.
pub(crate) trait Execute<E: Event>: Send {
    /// Executes the command.
    fn execute<'a>(
        self: Box<Self>,
        events: &'a EventStore<E>,
        execution: Execution,
    ) -> Pin<Box<dyn Future<Output = Result<Executed<E>, CommandFailure>> + Send + 'a>>;
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

/// Command of the type `C`.
pub(crate) struct TypedCommand<C>(PhantomData<fn() -> C>);

impl<C> TypedCommand<C> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E, C> ReadCommand<E> for TypedCommand<C>
where
    E: Event,
    C: Command<E> + DeserializeOwned + 'static,
    C::Refusal: Serialize,
{
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn schema(&self) -> Value {
        match type_schema::<C>() {
            // A unit struct, which a body writes as an object without members.
            schema if schema["type"] == "null" => serde_json::json!({ "type": "object" }),
            schema => schema,
        }
    }

    fn read(&self, body: Value) -> Result<Box<dyn Execute<E>>, serde_json::Error> {
        let is_empty = body.as_object().is_some_and(Map::is_empty);
        let read = match serde_json::from_value::<C>(body) {
            Err(_) if is_empty && serde_json::from_value::<C>(Value::Null).is_ok() => {
                serde_json::from_value(Value::Null)
            }
            read => read,
        };
        Ok(Box::new(read?))
    }
}

impl<E, C> Execute<E> for C
where
    E: Event,
    C: Command<E> + 'static,
    C::Refusal: Serialize,
{
    fn execute<'a>(
        self: Box<Self>,
        events: &'a EventStore<E>,
        execution: Execution,
    ) -> Pin<Box<dyn Future<Output = Result<Executed<E>, CommandFailure>> + Send + 'a>> {
        let mut execute = match execution.entity_id {
            Some(id) => events.execute(id, *self),
            None => events.execute_new(*self),
        };
        if let Some(id) = execution.command_id {
            execute = execute.command_id(id);
        }
        if let Some(actor) = execution.actor {
            execute = execute.by(actor);
        }
        if let Some(seq) = execution.expected {
            execute = execute.expecting(seq);
        }
        if let Some(id) = execution.correlation_id {
            execute = execute.correlated_with(id);
        }
        if let Some(id) = execution.causation_id {
            execute = execute.caused_by(id);
        }
        Box::pin(async move { execute.await.map_err(CommandFailure::from) })
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
