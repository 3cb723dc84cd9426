//! Errors of the store as problems.

use axum::http::StatusCode;
use eventsource_core::{Error, Retry, UnreadableReason};

use crate::wire::conditions::Conditions;
use crate::wire::faults::Fault;
use crate::wire::names::{WireNames, wire_field};
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Converts the error of an append, with the entity and the conditions of the request.
pub(crate) fn append_problem(names: &WireNames, conditions: &Conditions, error: Error) -> Problem {
    match error {
        Error::Conflict {
            entity_id, actual, ..
        } => {
            let id = names.format_id(entity_id);
            let entity = names.entity;
            let problem = if conditions.is_empty() {
                Problem::from(error).detail(&format!(
                    "The {entity} {id} has changed in the meantime: it has {actual} events now."
                ))
            } else {
                // The same request cannot succeed later: its condition must change.
                Problem::from(error)
                    .of_kind(StatusCode::PRECONDITION_FAILED, "version-mismatch")
                    .with("title", "Precondition failed")
                    .with("retryable", false)
                    .with("expected", conditions.requested())
                    .detail(&format!(
                        "The {entity} {id} does not match the condition: it has {actual} events."
                    ))
            };
            problem.with(&names.entity_id, id)
        }
        Error::IdNotAllocated { .. } => {
            let reason =
                "Not an id that the counter has allocated. Without an id, the next one is.";
            Problem::body(&[Fault::at("", &names.entity_id, reason)])
        }
        error => error.into(),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        match error {
            Error::Rejected { rejection, .. } => {
                let (kind, title) = if rejection.state().is_empty() {
                    ("illegal-initial-state", "Illegal initial event")
                } else {
                    ("illegal-state-transition", "Illegal transition")
                };
                Self::new(StatusCode::FORBIDDEN, kind, title)
                    .detail(&message)
                    .with("event", rejection.event())
                    .with("state", rejection.state())
                    .with("legal", rejection.legal())
            }
            Error::ActorNotAllowed {
                event_type,
                allowed,
                actual,
            } => Self::new(StatusCode::FORBIDDEN, "actor-not-allowed", "Not allowed")
                .detail(&message)
                .with("event", event_type)
                .with("allowed", allowed)
                .with("actual", actual),
            Error::ReaderNotAllowed {
                allowed, actual, ..
            } => Self::new(StatusCode::FORBIDDEN, "reader-not-allowed", "Not allowed")
                .detail(&message)
                .with("allowed", allowed)
                .with("actual", actual),
            Error::HiddenField { field, .. } => {
                Self::new(StatusCode::FORBIDDEN, "hidden-field", "Not allowed")
                    .detail(&message)
                    .with("field", wire_field(field))
            }
            Error::MissingField { ref field, .. } => Self::body(&[Fault {
                message: format!("Missing required field: '{field}'"),
                ..Fault::at("", &wire_field(field), message)
            }]),
            Error::Conflict {
                expected, actual, ..
            } => Self::new(
                StatusCode::CONFLICT,
                "concurrent-state-conflict",
                "The entity has changed",
            )
            .with("retryable", true)
            .with("expected", expected.get())
            .with("actual", actual.get()),
            // The message of the database is not for a caller: it has values of others.
            Error::ByProjection { ref name, .. } if error.is_unique_violation() => Self::new(
                StatusCode::CONFLICT,
                "taken",
                "Something of the event is taken",
            )
            .detail("Another event has a value that only one may have.")
            .with("model", name.clone()),
            Error::Taken { field, value, .. } => {
                Self::new(StatusCode::CONFLICT, "taken", "The value is taken")
                    .detail(&message)
                    .with("field", wire_field(&field))
                    .with("value", value)
                    .with("retryable", false)
            }
            Error::IdempotencyKeyReused { .. } => Self::new(
                unprocessable,
                "idempotency-key-reuse",
                "Idempotency key reused",
            )
            .detail(&message),
            Error::InvalidInput(_) | Error::IdNotAllocated { .. } => {
                Self::new(unprocessable, "validation-error", "Validation error").detail(&message)
            }
            Error::EventIdsNotIndexed { .. } => Self::new(
                StatusCode::NOT_IMPLEMENTED,
                "event-ids-not-indexed",
                "Events are not found by id",
            )
            .detail("An event is found by its entity and sequence only."),
            Error::Unreadable(event) if event.reason == UnreadableReason::Hidden => {
                Self::forbidden(resource::unreadable_because(&event.reason))
            }
            Error::Unreadable(event) => {
                tracing::error!(error = message, "a stored event cannot be read");
                let because = resource::unreadable_because(&event.reason);
                let place = format!(
                    "Event {} (number {} of {} {}) cannot be read. {because}",
                    event.id, event.seq, event.entity, event.formatted_entity_id
                );
                let (kind, title) = ("unreadable-event", "Unreadable event");
                let problem = match event.reason {
                    // As when the rules have changed: another instance, or this one after its update,
                    // can answer.
                    UnreadableReason::UnknownEventType { .. } => Self::busy(kind, title, &place),
                    _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, kind, title).detail(&place),
                };
                problem
                    .with("event", event.event_type)
                    .with("eventId", event.id.to_string())
                    .with("entityId", event.formatted_entity_id)
                    .with("sequence", event.seq.get())
            }
            Error::RulesChanged { .. } | Error::InlineMissing { .. } => {
                // Another instance of the service, or this one after its update, can answer.
                tracing::error!(error = message, "this program is to be updated");
                Self::busy(
                    "rules-changed",
                    "Rules changed",
                    "The rules of the database are newer than this service.",
                )
            }
            Error::Behind {
                position, wanted, ..
            } => Self::busy("read-model-behind", "Read model behind", &message)
                .with("position", position.to_string())
                .with("wanted", wanted.to_string()),
            // What stopped it may tell of events that the client may not read.
            Error::Halted { ref name, .. } => {
                tracing::error!(error = message, "a read model has halted");
                let detail = format!(
                    "The read model '{name}' has halted: it is not fresh until a person acts."
                );
                Self::busy("read-model-halted", "Read model halted", &detail)
                    .with("retryable", false)
            }
            Error::CannotSequence { .. } => Self::new(
                StatusCode::NOT_IMPLEMENTED,
                "cannot-wait",
                "Fresh reads are not possible",
            )
            .detail("This server cannot tell what is committed: read without `fresh`."),
            Error::ModelNotMigrated { ref name, .. } => {
                tracing::error!(error = message, "a read model has no tables");
                let detail = format!("The read model '{name}' is not built yet.");
                Self::busy("read-model-not-built", "Read model not built", &detail)
            }
            Error::RuntimeNotMigrated { .. } => {
                tracing::error!(error = message, "the tables of the runtime are missing");
                let detail = "The tables of read models are not made yet.";
                Self::busy("read-model-not-built", "Read model not built", detail)
            }
            Error::DatabaseFileReplaced { .. } | Error::PoolerNotDeclared { .. } => {
                tracing::error!(error = message, "the database cannot be used as it is");
                Self::busy(
                    "database-unavailable",
                    "Database unavailable",
                    "The database is not available.",
                )
            }
            ref other if other.retry() == Retry::Later => {
                tracing::warn!(error = message, "the database is not available");
                Self::busy(
                    "database-unavailable",
                    "Database unavailable",
                    "The database is not available.",
                )
            }
            other => Self::internal(&format!("{other:?}")),
        }
    }
}
