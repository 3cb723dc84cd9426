//! Responses and response headers that operations share.

use serde_json::{Map, Value, json};

use super::operation::reference;

/// Returns the response headers by name.
pub(crate) fn headers() -> Value {
    let text =
        |description: &str| json!({ "schema": { "type": "string" }, "description": description });
    let number = |description: &str| json!({ "schema": { "type": "integer", "minimum": 0 }, "description": description });
    json!({
        "X-Request-Id": text("Id of the request; also in the log."),
        "ETag": text("Sequence of the entity, in quotes, as `If-Match` takes it."),
        "Location": text("Path of the event, or of the entity if there are several events."),
        "Idempotency-Replayed": text("`true` if an earlier request with this key stored the events."),
        "X-Position": text("Position of the last event that has changed the value."),
        "Preference-Applied": text("Preference of the request that was honoured, as far as it was."),
        "X-Total-Count": number("Number of matches on all pages."),
        "Retry-After": number("Seconds after which to try again."),
        "WWW-Authenticate": text("Scheme by which to authenticate."),
    })
}

/// Status, kind and meaning of each problem.
const PROBLEMS: [(u16, &str, &str); 16] = [
    (
        400,
        "unreadable-body",
        "The body could not be read, or a header is repeated or no host.",
    ),
    (401, "unauthenticated", "The request is not authenticated."),
    (
        403,
        "illegal-state-transition",
        "The event may not follow, the actor may not cause it, or a page of another origin sent the \
         request.",
    ),
    (404, "not-found", "Not found."),
    (
        406,
        "not-acceptable",
        "The client accepts none of the media types.",
    ),
    (408, "body-too-slow", "The body arrived too slowly."),
    (
        409,
        "concurrent-state-conflict",
        "Another event was stored in the meantime.",
    ),
    (
        412,
        "version-mismatch",
        "The entity does not match the condition of the request.",
    ),
    (413, "body-too-large", "The body is too large."),
    (415, "unsupported-media-type", "The body is not JSON."),
    (
        421,
        "misdirected-request",
        "The service does not answer for this host.",
    ),
    (
        422,
        "validation-error",
        "The request is invalid; `context.errors` lists all faults.",
    ),
    (
        429,
        "too-many-requests",
        "The client has too many requests in progress, or sends too many a second; try again.",
    ),
    (
        500,
        "internal",
        "The service failed; `unreadable-event`: a stored event that the answer needs cannot be read.",
    ),
    (
        501,
        "event-ids-not-indexed",
        "The tables have no index by which an event is found by its id; `cannot-wait`: this server cannot \
         tell what is committed, so there are no fresh reads.",
    ),
    (503, "database-unavailable", "Not available now; try again."),
];

/// Returns the problem responses by status.
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
            429 | 503 => add("Retry-After"),
            _ => {}
        }
        let retryable = matches!(status, 408 | 409 | 429 | 503);
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
        let response = json!({
            "description": description,
            "headers": headers,
            "content": { "application/problem+json": body },
        });
        (status.to_string(), response)
    });
    Value::Object(problems.collect())
}
