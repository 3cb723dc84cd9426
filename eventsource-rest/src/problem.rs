//! Errors as HTTP answers: RFC 9457, with microcosm's members beside.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::Error;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One thing that is wrong with a body.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) message: String,
    pub(crate) reasons: Vec<String>,
}

impl Fault {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let field = field.into();
        Self {
            message: format!("Could not validate field: {field}"),
            field,
            reasons: vec![reason.into()],
        }
    }
}

/// An error answer: an RFC 9457 problem that also has microcosm's members.
///
/// ```
/// use axum::http::StatusCode;
/// use eventsource_rest::Problem;
///
/// let problem = Problem::new(StatusCode::FORBIDDEN, "credit-limit", "Over the limit")
///     .detail("Ann may spend 5 more")
///     .with("left", 5);
/// assert_eq!(problem.status(), StatusCode::FORBIDDEN);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem of this status; `kind` is a word for programs, `title` a few for people.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &str) -> Self {
        let problem = Self {
            status,
            members: Map::new(),
        };
        problem
            .of_kind(status, kind)
            .with("title", title)
            .detail(title)
            .with("retryable", false)
            .with("context", json!({ "errors": [] }))
    }

    /// The request does not say, or not truly, who asks: 401.
    #[must_use]
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Not authenticated",
        )
        .detail(detail)
    }

    /// Who asks may not do this: 403.
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden").detail(detail)
    }

    /// What is wrong this time, for people: microcosm's `message` too.
    #[must_use]
    pub fn detail(self, detail: &str) -> Self {
        self.with("detail", detail).with("message", detail)
    }

    /// One more member of the body, or another value of one.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn of_kind(mut self, status: StatusCode, kind: &str) -> Self {
        self.status = status;
        self.with("type", format!("/problems/{kind}"))
            .with("status", status.as_u16())
            .with("code", status.as_u16())
    }

    /// `errors` is a list for a body and an object for a query, as in microcosm.
    fn validation(errors: &Value, detail: &[String]) -> Self {
        let title = "Validation error";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation-error", title)
            .with("detail", detail.join("; "))
            .with("context", json!({ "errors": errors }))
    }

    /// A body with these faults.
    pub(crate) fn body(mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|one, other| one.field.cmp(&other.field));
        let detail: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.field, fault.reasons.join(" ")))
            .collect();
        Self::validation(&json!(faults), &detail)
    }

    /// A query whose parameters have these faults.
    pub(crate) fn query(faults: &std::collections::BTreeMap<String, Vec<String>>) -> Self {
        let detail: Vec<String> = faults
            .iter()
            .map(|(parameter, reasons)| format!("{parameter}: {}", reasons.join(" ")))
            .collect();
        Self::validation(&json!(faults), &detail)
    }

    pub(crate) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(message)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
        )
        .detail("The method is not allowed for the requested URL.")
    }

    /// A body that could not be read: too large, or broken off.
    pub(crate) fn unreadable(rejection: &BytesRejection) -> Self {
        let status = rejection.status();
        let title = status.canonical_reason().unwrap_or("Unreadable body");
        Self::new(status, "unreadable-body", title).detail("The body could not be read.")
    }

    /// The sequence that the client names in `If-Match` is no longer that of the entity.
    pub(crate) fn precondition_failed(error: Error) -> Self {
        let conflict = matches!(error, Error::Conflict { .. });
        let problem = Self::from(error);
        if conflict {
            // The same request cannot succeed later: its `If-Match` must change.
            let status = StatusCode::PRECONDITION_FAILED;
            problem
                .of_kind(status, "version-mismatch")
                .with("retryable", false)
        } else {
            problem
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
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
            Error::MissingField { ref field, .. } => Self::body(vec![Fault {
                message: format!("Missing required field: '{field}'"),
                field: crate::names::wire_field(field),
                reasons: vec![message],
            }]),
            Error::Conflict {
                expected, actual, ..
            } => Self::new(
                StatusCode::CONFLICT,
                "concurrent-state-conflict",
                "The entity has changed",
            )
            .detail(&message)
            .with("retryable", true)
            .with("expected", expected.get())
            .with("actual", actual.get()),
            Error::IdempotencyKeyReused { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reuse",
                "Idempotency key reused",
            )
            .detail(&message),
            Error::Invalid { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation-error",
                "Validation error",
            )
            .detail(&message),
            Error::Unavailable { .. } => {
                tracing::warn!(error = message, "the database is not available");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database-unavailable",
                    "Database unavailable",
                )
                .detail("The database is not available.")
                .with("retryable", true)
            }
            // What went wrong inside is for the log, not for the client.
            ref other => {
                tracing::error!(error = message, source = ?other, "a request failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Internal error",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.members)).into_response();
        let headers = response.headers_mut();
        let problem_json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem_json);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The answer to a path that nothing has, for [`axum::Router::fallback`].
///
/// ```
/// let app: axum::Router = axum::Router::new().fallback(eventsource_rest::not_found);
/// ```
pub async fn not_found() -> Response {
    Problem::not_found("The requested URL was not found on the server.").into_response()
}
