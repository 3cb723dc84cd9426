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

    /// Returns the command as one that can be executed later, if it can be.
    fn as_submittable(&self) -> Option<&dyn ReadSubmittable<E>> {
        None
    }
}

/// Command that clients may submit, to be executed later.
pub(crate) trait ReadSubmittable<E: Event>: Send + Sync {
    /// Reads the command from a body.
    ///
    /// # Errors
    /// What serde says.
    fn read_submittable(&self, body: Value) -> Result<Box<dyn Submit<E>>, serde_json::Error>;
}

/// Command of a request, ready to be submitted.
pub(crate) trait Submit<E: Event>: Send {
    /// Submits the command; returns its id.
    fn submit<'a>(
        self: Box<Self>,
        events: &'a EventStore<E>,
        execution: Execution,
    ) -> Pin<Box<dyn Future<Output = Result<String, Error>> + Send + 'a>>;
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

impl Execution {
    /// Returns the execution of a command as the request says.
    fn of<E: Event, C: Command<E>>(
        self,
        events: &EventStore<E>,
        command: C,
    ) -> eventsource_core::Execute<'_, E, C> {
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

/// Command of the type `C` that is executed at once, or later.
pub(crate) struct SubmittableCommand<C>(PhantomData<fn() -> C>);

impl<C> SubmittableCommand<C> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E, C> ReadCommand<E> for SubmittableCommand<C>
where
    E: Event,
    C: Command<E> + Serialize + DeserializeOwned + 'static,
    C::Refusal: Serialize,
{
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn schema(&self) -> Value {
        schema_of::<C>()
    }

    fn read(&self, body: Value) -> Result<Box<dyn Execute<E>>, serde_json::Error> {
        Ok(Box::new(Archived(read_command::<C>(body)?)))
    }

    fn as_submittable(&self) -> Option<&dyn ReadSubmittable<E>> {
        Some(self)
    }
}

impl<E, C> ReadSubmittable<E> for SubmittableCommand<C>
where
    E: Event,
    C: Command<E> + Serialize + DeserializeOwned + 'static,
    C::Refusal: Serialize,
{
    fn read_submittable(&self, body: Value) -> Result<Box<dyn Submit<E>>, serde_json::Error> {
        Ok(Box::new(read_command::<C>(body)?))
    }
}

impl<E, C> Submit<E> for C
where
    E: Event,
    C: Command<E> + Serialize + 'static,
    C::Refusal: Serialize,
{
    fn submit<'a>(
        self: Box<Self>,
        events: &'a EventStore<E>,
        execution: Execution,
    ) -> Pin<Box<dyn Future<Output = Result<String, Error>> + Send + 'a>> {
        Box::pin(execution.of(events, *self).submit())
    }
}

/// Command that is executed at once, and kept with its outcome.
struct Archived<C>(C);

impl<E, C> Execute<E> for Archived<C>
where
    E: Event,
    C: Command<E> + Serialize + 'static,
    C::Refusal: Serialize,
{
    fn execute<'a>(
        self: Box<Self>,
        events: &'a EventStore<E>,
        execution: Execution,
    ) -> Pin<Box<dyn Future<Output = Result<Executed<E>, CommandFailure>> + Send + 'a>> {
        let execute = execution.of(events, self.0).archived();
        Box::pin(async move { execute.await.map_err(CommandFailure::from) })
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
        schema_of::<C>()
    }

    fn read(&self, body: Value) -> Result<Box<dyn Execute<E>>, serde_json::Error> {
        Ok(Box::new(AtOnce(read_command::<C>(body)?)))
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

/// Command that is executed at once.
struct AtOnce<C>(C);

impl<E, C> Execute<E> for AtOnce<C>
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
        let execute = execution.of(events, self.0);
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
