//! Problems: error responses as RFC 9457 describes them.
//!
//! They also have the members `code`, `message`, `retryable` and `context` of
//! microcosm-eventsource, the Python library whose wire form this is.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::wire::faults::{Fault, Faults};
use crate::wire::outcome::ProblemOutcome;

/// Error response: a problem as RFC 9457 describes it.
///
/// Its body also has `code` (the status), `message` (the detail), `retryable` and `context`.
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
    /// Creates a problem with a status, a `kind` for programs and a `title` for people.
    ///
    /// The `type` of the body is `/problems/` and the kind.
    ///
    /// ```
    /// # use axum::http::StatusCode;
    /// # use eventsource_rest::Problem;
    /// let problem = Problem::new(StatusCode::PAYMENT_REQUIRED, "unpaid", "A bill is open");
    /// # assert_eq!(problem.status(), 402);
    /// ```
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

    /// Creates a 401: the request carries no valid credentials.
    ///
    /// ```
    /// # use eventsource_rest::Problem;
    /// assert_eq!(Problem::unauthorized("The token has expired.").status(), 401);
    /// ```
    #[must_use]
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Not authenticated",
        )
        .detail(detail)
    }

    /// Creates the 401 of an event type that requires a role, in a request without an actor.
    pub(crate) fn actor_required(event_type: &str) -> Self {
        Self::unauthorized(&format!(
            "Event type '{event_type}' requires a role, and the request is not authenticated."
        ))
        .with("event", event_type)
    }

    /// Creates a 403: the caller may not do this.
    ///
    /// ```
    /// # use eventsource_rest::Problem;
    /// assert_eq!(Problem::forbidden("Not on Sundays.").status(), 403);
    /// ```
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden").detail(detail)
    }

    /// Sets `detail` and `message`: what is wrong with this request, for people.
    ///
    /// ```
    /// # use axum::http::StatusCode;
    /// # use eventsource_rest::Problem;
    /// let problem = Problem::new(StatusCode::FORBIDDEN, "too-late", "Too late");
    /// let problem = problem.detail("The office closed at 17:00.");
    /// ```
    #[must_use]
    pub fn detail(self, detail: &str) -> Self {
        self.with("detail", detail).with("message", detail)
    }

    /// Sets a member of the body.
    ///
    /// ```
    /// # use eventsource_rest::Problem;
    /// let problem = Problem::forbidden("Over the limit.").with("left", 5);
    /// ```
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// Returns the status of the response.
    ///
    /// ```
    /// # use eventsource_rest::Problem;
    /// assert!(Problem::forbidden("Never.").status().is_client_error());
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Replaces the status and the kind.
    pub(crate) fn of_kind(mut self, status: StatusCode, kind: &str) -> Self {
        self.status = status;
        self.with("type", format!("/problems/{kind}"))
            .with("status", status.as_u16())
            .with("code", status.as_u16())
    }

    /// Creates a 422; `errors` is a list for a body and an object for a query.
    fn validation(errors: &Value, detail: &[String]) -> Self {
        let title = "Validation error";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation-error", title)
            .with("detail", detail.join("; "))
            .with("context", json!({ "errors": errors }))
    }

    /// Creates the 422 of a body with these faults.
    pub(crate) fn body(faults: &[Fault]) -> Self {
        let detail: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.label(), fault.reasons.join(" ")))
            .collect();
        Self::validation(&json!(faults), &detail)
    }

    /// Creates the 422 of a body with these faults; says so if there are more.
    pub(crate) fn faults(faults: &Faults) -> Self {
        let problem = Self::body(faults.kept());
        if !faults.has_more() {
            return problem;
        }
        problem.with(
            "context",
            json!({ "errors": faults.kept(), "hasMore": true }),
        )
    }

    /// Creates the 422 of a header that cannot be understood.
    pub(crate) fn header(name: &HeaderName, reason: &str) -> Self {
        Self::body(&[Fault {
            pointer: None,
            ..Fault::at("", name.as_str(), reason)
        }])
    }

    /// Creates the 422 of a query with these faults, by parameter.
    pub(crate) fn query(faults: &std::collections::BTreeMap<String, Vec<String>>) -> Self {
        let detail: Vec<String> = faults
            .iter()
            .map(|(parameter, reasons)| format!("{parameter}: {}", reasons.join(" ")))
            .collect();
        Self::validation(&json!(faults), &detail)
    }

    /// Creates a 404.
    pub(crate) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(message)
    }

    /// Creates a 405.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
        )
        .detail("The method is not allowed for the requested URL.")
    }

    /// Removes the event types that no client appends from the list of legal ones.
    pub(crate) fn without_legal(mut self, internal: &[&str]) -> Self {
        if let Some(Value::Array(legal)) = self.members.get_mut("legal") {
            legal.retain(|name| name.as_str().is_none_or(|name| !internal.contains(&name)));
        }
        self
    }

    /// Removes what tells the state of an entity, for a client that may not read it.
    pub(crate) fn without_state(mut self) -> Self {
        let told = ["state", "legal", "actual"];
        let tells = told.iter().any(|member| self.members.contains_key(*member));
        if !tells || self.members.contains_key("allowed") {
            return self;
        }
        self.members
            .retain(|member, _| !told.contains(&member.as_str()));
        self.detail("The entity is not in a state that allows this; what it is, you may not read.")
    }

    /// Returns the body of the response.
    pub(crate) fn body_as_json(&self) -> Value {
        Value::Object(self.members.clone())
    }

    /// Logs `error` and creates a 500 that does not repeat it.
    pub(crate) fn internal(error: &str) -> Self {
        tracing::error!(error, "request failed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", "Internal error")
    }

    /// Creates the 429 of a client that holds, or asks, more than it may.
    pub(crate) fn too_many_requests(detail: &str) -> Self {
        let title = "Too many requests";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", title)
            .detail(detail)
            .with("retryable", true)
    }

    /// Creates a 503 that the client may retry.
    pub(crate) fn busy(kind: &str, title: &str, detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, title)
            .detail(detail)
            .with("retryable", true)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let text = |name: &str| Some(self.members.get(name)?.as_str()?.to_owned());
        let refused = ProblemOutcome {
            kind: text("type").unwrap_or_default().replace("/problems/", ""),
            event_type: text("event"),
        };
        let mut response = (self.status, Json(self.members)).into_response();
        response.extensions_mut().insert(refused);
        let headers = response.headers_mut();
        let problem_json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem_json);
        // Temporary conditions: too many requests, unavailable.
        if matches!(self.status.as_u16(), 429 | 503) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // The rest of the body may still come, and would be taken for the next request.
        if self.status == StatusCode::REQUEST_TIMEOUT {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
