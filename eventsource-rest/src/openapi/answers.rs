//! Answers that operations share: every problem, by its status.

use serde_json::{Map, Value, json};

use super::operation::reference;

/// By the names under which answers refer to them.
pub(crate) fn headers() -> Value {
    let text =
        |description: &str| json!({ "schema": { "type": "string" }, "description": description });
    let number = |description: &str| json!({ "schema": { "type": "integer", "minimum": 0 }, "description": description });
    json!({
        "X-Request-Id": text("What the request is called."),
        "ETag": text("The sequence of the entity, in quotes; what `If-Match` takes."),
        "Location": text("Where the event is, or the entity if there are several."),
        "Idempotency-Replayed": text("`true` if an earlier request with this key was answered."),
        "X-Total-Count": number("How many there are on all pages."),
        "Retry-After": number("In how many seconds to try again."),
        "WWW-Authenticate": text("How to say who asks."),
    })
}

/// What may go wrong, and what it means; the body says which.
const PROBLEMS: [(u16, &str, &str); 14] = [
    (400, "unreadable-body", "The body broke off."),
    (401, "unauthenticated", "It is not clear who asks."),
    (
        403,
        "illegal-state-transition",
        "The event may not follow, or not by whoever asks.",
    ),
    (404, "not-found", "There is no such thing."),
    (
        406,
        "not-acceptable",
        "There is no answer of the types that the client accepts.",
    ),
    (
        409,
        "concurrent-state-conflict",
        "Another event came in between.",
    ),
    (
        412,
        "version-mismatch",
        "The entity is not, or no longer, as the request says.",
    ),
    (413, "body-too-large", "The body is too large."),
    (415, "unsupported-media-type", "The body is not JSON."),
    (
        422,
        "validation-error",
        "The request does not fit; `context.errors` says all that is wrong.",
    ),
    (423, "locked", "The entity is locked; try again."),
    (429, "too-many-requests", "Too many requests; try again."),
    (500, "internal", "The service failed."),
    (503, "database-unavailable", "Not available now; try again."),
];

/// By their status.
pub(crate) fn problems() -> Value {
    let problems = PROBLEMS.iter().map(|(status, kind, description)| {
        let mut headers = Map::new();
        let mut add = |name: &str| {
            let header = json!({ "$ref": format!("#/components/headers/{name}") });
            headers.insert(name.to_owned(), header);
        };
        add("X-Request-Id");
        match status {
            401 => add("WWW-Authenticate"),
            423 | 429 | 503 => add("Retry-After"),
            _ => {}
        }
        let retryable = matches!(status, 409 | 423 | 429 | 503);
        let example = json!({
            "type": format!("/problems/{kind}"),
            "title": description.trim_end_matches('.'),
            "status": status,
            "detail": description,
            "code": status,
            "message": description,
            "retryable": retryable,
            "context": { "errors": [] },
        });
        let body = json!({ "schema": reference("Problem"), "example": example });
        let answer = json!({
            "description": description,
            "headers": headers,
            "content": { "application/problem+json": body },
        });
        (status.to_string(), answer)
    });
    Value::Object(problems.collect())
}
