//! Errors as HTTP answers: RFC 9457, with microcosm's members beside.

use crate::wire::outcome::Refused;
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One thing that is wrong with a body or a header.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Fault {
    pub(crate) field: String,
    /// Where in the body, as RFC 6901 writes it; a header is in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    pub(crate) message: String,
    pub(crate) reasons: Vec<String>,
}

impl Fault {
    /// Of a field of the object that is `at` this place of the body; `_schema` is that object.
    pub(crate) fn at(at: &str, field: &str, reason: impl Into<String>) -> Self {
        let pointer = match field {
            "_schema" => at.to_owned(),
            field => format!("{at}/{}", field.replace('~', "~0").replace('/', "~1")),
        };
        Self {
            message: format!("Could not validate field: {field}"),
            field: field.to_owned(),
            pointer: Some(pointer),
            reasons: vec![reason.into()],
        }
    }

    /// How the detail of a problem names what is wrong: by its field, unless it is in a list.
    fn place(&self) -> &str {
        let in_list = |pointer: &&String| pointer.matches('/').count() > 1;
        self.pointer.as_ref().filter(in_list).unwrap_or(&self.field)
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

    /// The request does not say, or not truly, who asks: 401.
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

    /// The event is for some roles only, and the request does not say who asks.
    pub(crate) fn unidentified(event_type: &str) -> Self {
        Self::unauthorized(&format!(
            "Event type '{event_type}' is for some roles only, and the request does not say who asks."
        ))
        .with("event", event_type)
    }

    /// Who asks may not do this: 403.
    ///
    /// ```
    /// # use eventsource_rest::Problem;
    /// assert_eq!(Problem::forbidden("Not on Sundays.").status(), 403);
    /// ```
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden").detail(detail)
    }

    /// What is wrong this time, for people: microcosm's `message` too.
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

    /// One more member of the body, or another value of one.
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

    /// The status of the answer.
    ///
    /// ```
    /// # use eventsource_rest::Problem;
    /// assert!(Problem::forbidden("Never.").status().is_client_error());
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn of_kind(mut self, status: StatusCode, kind: &str) -> Self {
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
    pub(crate) fn body(faults: &[Fault]) -> Self {
        let detail: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.place(), fault.reasons.join(" ")))
            .collect();
        Self::validation(&json!(faults), &detail)
    }

    /// A header that says nothing that can be understood.
    pub(crate) fn header(name: &HeaderName, reason: &str) -> Self {
        Self::body(&[Fault {
            pointer: None,
            ..Fault::at("", name.as_str(), reason)
        }])
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

    /// The body of the answer.
    pub(crate) fn body_as_json(&self) -> Value {
        Value::Object(self.members.clone())
    }

    /// What went wrong inside is for the log, not for the client.
    pub(crate) fn internal(what: &str) -> Self {
        tracing::error!(error = what, "a request failed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "internal", "Internal error")
    }

    /// The service cannot do this now; a little later it may.
    pub(crate) fn busy(kind: &str, title: &str, detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, title)
            .detail(detail)
            .with("retryable", true)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let text = |name: &str| Some(self.members.get(name)?.as_str()?.to_owned());
        let refused = Refused {
            kind: text("type").unwrap_or_default().replace("/problems/", ""),
            event_type: text("event"),
        };
        let mut response = (self.status, Json(self.members)).into_response();
        response.extensions_mut().insert(refused);
        let headers = response.headers_mut();
        let problem_json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem_json);
        // Locked, too many at once, not available: all pass.
        if matches!(self.status.as_u16(), 423 | 429 | 503) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
