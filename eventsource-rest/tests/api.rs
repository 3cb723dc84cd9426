//! The wire form of microcosm's service (the H numbers are those of its recorded exchanges), on
//! the task list.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use eventsource_core::Store;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tasks::TaskEvent;
use tower::ServiceExt;
use uuid::Uuid;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// microcosm's list of errors of a body: field and reason.
    fn faults(&self) -> Vec<(String, String)> {
        assert_eq!(
            self.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            self.body
        );
        assert_eq!(self.body["message"], "Validation error");
        let errors = self.body["context"]["errors"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors
            .iter()
            .map(|error| (text(&error["field"]), text(&error["reasons"][0])))
            .collect()
    }
}

struct Api(Router);

impl Api {
    async fn new() -> Self {
        let store = Store::connect("sqlite::memory:").await.unwrap();
        let tasks = store.migrate::<TaskEvent>().await.unwrap();
        Self(eventsource_rest::router(tasks).fallback(eventsource_rest::not_found))
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], String::new()).await
    }

    async fn post(&self, body: Value) -> Answer {
        self.post_with(&[], body).await
    }

    async fn post_with(&self, headers: &[(&str, &str)], body: Value) -> Answer {
        self.call(
            Method::POST,
            "/api/v1/task_event",
            headers,
            body.to_string(),
        )
        .await
    }

    /// A task that has come to STARTED: four events.
    async fn started(&self) -> Uuid {
        let id = Uuid::now_v7();
        for body in [
            json!({"taskId": id, "eventType": "CREATED"}),
            json!({"taskId": id, "eventType": "ASSIGNED", "assignee": "ann"}),
            json!({"taskId": id, "eventType": "SCHEDULED", "deadline": "2026-04-21T00:00:00Z"}),
            json!({"taskId": id, "eventType": "STARTED"}),
        ] {
            assert_eq!(self.post(body).await.status, StatusCode::CREATED);
        }
        id
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_created_event_is_told_whole() {
    let api = Api::new().await;
    let id = Uuid::now_v7();
    // H1
    let created = api
        .post(json!({"taskId": id, "eventType": "CREATED"}))
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let event_id = created.body["id"].as_str().unwrap().to_owned();
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("X-TaskEvent-Id"), event_id);
    assert_eq!(
        created.header("location"),
        format!("/api/v1/task_event/{event_id}")
    );
    assert_eq!(created.header("etag"), "\"1\"");
    let mut body = created.body.clone();
    assert!(body["createdTimestamp"].take().as_f64().unwrap() > 1.7e9);
    assert_eq!(
        body,
        json!({"id": event_id, "clock": 1, "createdTimestamp": null, "version": 1,
            "parentId": null, "taskId": id, "eventType": "CREATED", "description": null})
    );
    // H4: an empty text is a value.
    let assigned = api
        .post(json!({"taskId": id, "eventType": "ASSIGNED", "assignee": ""}))
        .await;
    assert_eq!(assigned.status, StatusCode::CREATED);
    assert_eq!(assigned.body["parentId"], event_id);
    // H56, H84
    let path = format!("/api/v1/task_event/{event_id}");
    assert_eq!(api.get(&path).await.body, created.body);
    let skip = [("X-Response-Skip-Null", "true")];
    let lean = api.call(Method::GET, &path, &skip, String::new()).await;
    let mut members: Vec<&String> = lean.body.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "clock",
            "createdTimestamp",
            "eventType",
            "id",
            "taskId",
            "version"
        ]
    );
}

#[tokio::test]
async fn an_illegal_event_is_forbidden_with_what_would_be_legal() {
    let api = Api::new().await;
    let id = Uuid::now_v7();
    // H22
    let initial = api
        .post(json!({"taskId": id, "eventType": "STARTED"}))
        .await;
    assert_eq!(initial.status, StatusCode::FORBIDDEN);
    assert_eq!(
        initial.body["message"],
        "Event type 'STARTED' may not be initial"
    );
    assert_eq!(initial.body["legal"], json!(["CREATED"]));
    // H6
    api.post(json!({"taskId": id, "eventType": "CREATED"}))
        .await;
    let early = api
        .post(json!({"taskId": id, "eventType": "STARTED"}))
        .await;
    assert_eq!(early.status, StatusCode::FORBIDDEN);
    assert_eq!(early.header("content-type"), "application/problem+json");
    assert_eq!(
        early.body,
        json!({
            "type": "/problems/illegal-state-transition", "title": "Illegal transition",
            "status": 403, "detail": "Event type 'STARTED' may not follow [CREATED]",
            "code": 403, "message": "Event type 'STARTED' may not follow [CREATED]",
            "retryable": false, "context": {"errors": []},
            "event": "STARTED", "state": ["CREATED"],
            "legal": ["ASSIGNED", "SCHEDULED", "REVISED"],
        })
    );
    assert_eq!(
        api.get("/api/v1/task_event").await.body["count"],
        1,
        "nothing was stored"
    );
}

#[tokio::test]
async fn every_fault_of_a_body_is_told_at_once() {
    let api = Api::new().await;
    let id = Uuid::now_v7();
    let missing = owned(&[
        ("eventType", "Missing data for required field."),
        ("taskId", "Missing data for required field."),
    ]);
    // H24 to H27
    for body in ["{}", "{nope", "", "[]"] {
        let answer = api
            .call(Method::POST, "/api/v1/task_event", &[], body.to_owned())
            .await;
        assert_eq!(answer.faults(), missing, "{body}");
    }
    for (body, faults) in [
        // H2, H3, H8: before the transition is looked at.
        (
            json!({"taskId": id, "eventType": "ASSIGNED"}),
            owned(&[("assignee", "Event type 'ASSIGNED' requires 'assignee'")]),
        ),
        (
            json!({"taskId": id, "eventType": "ASSIGNED", "assignee": null}),
            owned(&[("assignee", "Event type 'ASSIGNED' requires 'assignee'")]),
        ),
        // H28, H29, H30, H31, H35
        (
            json!({"taskId": id, "eventType": "NOPE"}),
            owned(&[("eventType", "Invalid enum member NOPE")]),
        ),
        (
            json!({"taskId": id, "eventType": "created"}),
            owned(&[("eventType", "Invalid enum member created")]),
        ),
        (
            json!({"taskId": id, "eventType": "all_states"}),
            owned(&[("eventType", "Invalid enum member all_states")]),
        ),
        (
            json!({"taskId": id, "eventType": 7}),
            owned(&[("eventType", "Invalid enum member 7")]),
        ),
        (
            json!({"taskId": id, "eventType": null}),
            owned(&[("eventType", "Field may not be null.")]),
        ),
        // H32, H33, H37
        (
            json!({"taskId": "xyz", "eventType": "CREATED", "version": 9, "foo": 1}),
            owned(&[
                ("foo", "Unknown field."),
                ("taskId", "Not a valid UUID."),
                ("version", "Unknown field."),
            ]),
        ),
        // H34
        (
            json!({"taskId": id, "eventType": "SCHEDULED", "deadline": "not-a-date"}),
            owned(&[("deadline", "input contains invalid characters")]),
        ),
        // Here an event carries its own fields only (H13 differs).
        (
            json!({"taskId": id, "eventType": "CREATED", "assignee": "ann"}),
            owned(&[(
                "assignee",
                "Event type 'CREATED' does not have the field 'assignee'",
            )]),
        ),
    ] {
        assert_eq!(api.post(body.clone()).await.faults(), faults, "{body}");
    }
    assert_eq!(api.get("/api/v1/task_event").await.body["count"], 0);
    let large = format!(r#"{{"taskId": "{}"}}"#, "x".repeat(3_000_000));
    let answer = api
        .call(Method::POST, "/api/v1/task_event", &[], large)
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn an_auto_transition_is_stored_and_not_in_the_answer() {
    let api = Api::new().await;
    let id = api.started().await;
    // H20, H21
    let completed = api
        .post(json!({"taskId": id, "eventType": "COMPLETED"}))
        .await;
    assert_eq!(completed.body["eventType"], "COMPLETED");
    assert_eq!(
        completed.header("etag"),
        "\"6\"",
        "where the task stands now"
    );
    let revised = api
        .post(json!({"taskId": id, "eventType": "REVISED"}))
        .await;
    assert_eq!(
        revised.body["message"],
        "Event type 'REVISED' may not follow [ENDED]"
    );
    let parent = completed.body["id"].as_str().unwrap();
    let ended = api
        .get(&format!("/api/v1/task_event?parent_id={parent}"))
        .await;
    assert_eq!(ended.body["items"][0]["eventType"], "ENDED");
}

#[tokio::test]
async fn an_entity_says_where_it_stands_and_what_may_happen_next() {
    let api = Api::new().await;
    let id = api.started().await;
    let task = api.get(&format!("/api/v1/task/{id}")).await;
    assert_eq!(
        (task.status, task.header("etag")),
        (StatusCode::OK, "\"4\"")
    );
    let mut body = task.body;
    for time in ["createdAt", "updatedAt"] {
        let text = body.as_object_mut().unwrap().remove(time).unwrap();
        assert_eq!(
            text.as_str().unwrap().len(),
            "2026-04-21T00:00:00.000000Z".len()
        );
    }
    assert_eq!(
        body,
        json!({"id": id, "state": ["STARTED"], "version": 1, "sequence": 4,
        "lastEventType": "STARTED",
        "nextEvents": [
            {"eventType": "REASSIGNED", "requires": ["assignee"]},
            {"eventType": "RESCHEDULED", "requires": ["deadline"]},
            {"eventType": "REVISED", "requires": []},
            {"eventType": "CANCELED", "requires": []},
            {"eventType": "COMPLETED", "requires": []},
        ]})
    );
}

#[tokio::test]
async fn a_stale_if_match_is_refused_with_both_sequences() {
    let api = Api::new().await;
    let id = api.started().await;
    let event = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": "bob"});
    let stale = api.post_with(&[("If-Match", "\"3\"")], event.clone()).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        (&stale.body["expected"], &stale.body["actual"]),
        (&json!(3), &json!(4))
    );
    let fresh = api.post_with(&[("If-Match", "\"4\"")], event.clone()).await;
    assert_eq!(fresh.status, StatusCode::CREATED);
    let one_of = api
        .post_with(&[("If-Match", r#""9", "5""#)], event.clone())
        .await;
    assert_eq!(one_of.status, StatusCode::CREATED);
    let nonsense = api.post_with(&[("If-Match", "four")], event.clone()).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    let exists = api.post_with(&[("If-Match", "*")], event).await;
    assert_eq!(exists.status, StatusCode::CREATED);
    let created = json!({"taskId": Uuid::now_v7(), "eventType": "CREATED"});
    let missing = api.post_with(&[("If-Match", "*")], created).await;
    assert_eq!(missing.status, StatusCode::PRECONDITION_FAILED);
}

/// H40, H41: whoever loses a race is told so; nobody's payload is dropped in silence.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_simultaneous_events_is_stored_and_the_others_are_told() {
    let api = Api::new().await;
    let id = api.started().await;
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..32 {
        let api = Api(api.0.clone());
        clients.spawn(async move {
            let assignee = format!("client {number}");
            let event = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": assignee});
            (assignee, api.post(event).await)
        });
    }
    let mut stored = Vec::new();
    for (assignee, answer) in clients.join_all().await {
        if answer.status == StatusCode::CREATED {
            stored.push(assignee);
            continue;
        }
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        assert_eq!(answer.body["retryable"], true);
        assert!(answer.body["actual"].as_u64() > answer.body["expected"].as_u64());
    }
    let query = format!("task_id={id}&event_type=REASSIGNED&limit=100");
    let page = api.get(&format!("/api/v1/task_event?{query}")).await;
    let items = page.body["items"].as_array().unwrap();
    let mut kept: Vec<&str> = items
        .iter()
        .map(|item| item["assignee"].as_str().unwrap())
        .collect();
    kept.sort_unstable();
    stored.sort_unstable();
    assert_eq!(kept, stored);
    assert!(!stored.is_empty());
}

#[tokio::test]
async fn what_the_databases_cannot_keep_is_refused() {
    let api = Api::new().await;
    let id = api.started().await;
    let event = |who: &str| json!({"taskId": id, "eventType": "REASSIGNED", "assignee": who});
    let nul = api.post(event("a\u{0}b")).await;
    assert_eq!(nul.status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = "the field \"assignee\" of 'REASSIGNED' has the character U+0000";
    assert_eq!(nul.body["message"], message);
    let key = "k".repeat(256);
    let long = api
        .post_with(&[("Idempotency-Key", &key)], event("bob"))
        .await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        long.body["message"],
        "the idempotency key is longer than 255 bytes"
    );
}

#[tokio::test]
async fn a_repeated_idempotency_key_answers_as_the_first_did() {
    let api = Api::new().await;
    let id = api.started().await;
    let key = [("Idempotency-Key", "k-1")];
    let event = |who: &str| json!({"taskId": id, "eventType": "REASSIGNED", "assignee": who});
    let first = api.post_with(&key, event("bob")).await;
    let second = api.post_with(&key, event("bob")).await;
    assert_eq!(
        (second.status, &second.body),
        (StatusCode::CREATED, &first.body)
    );
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(second.header("idempotency-replayed"), "true");
    let other = api.post_with(&key, event("zoe")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.body["type"], "/problems/idempotency-key-reuse");
}

#[tokio::test]
async fn a_search_has_filters_and_pages() {
    let api = Api::new().await;
    let id = api.started().await;
    api.started().await;
    // H60, H61, H63
    let all = api.get("/api/v1/task_event").await;
    let page = |body: &Value| [&body["count"], &body["limit"], &body["offset"]].map(|n| n.as_u64());
    assert_eq!(page(&all.body), [Some(8), Some(20), Some(0)]);
    assert_eq!(all.header("x-total-count"), "8");
    let of_task = format!("/api/v1/task_event?task_id={id}&limit=3&sort_by_clock=true");
    let first = api.get(&of_task).await;
    let items = first.body["items"].as_array().unwrap();
    let types: Vec<&str> = items
        .iter()
        .map(|item| item["eventType"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["STARTED", "SCHEDULED", "ASSIGNED"]);
    let base = "http://localhost/api/v1/task_event";
    let query = format!("sort_by_clock=true&task_id={id}");
    let link = |offset: u32| json!({"href": format!("{base}?offset={offset}&limit=3&{query}")});
    assert_eq!(
        first.body["_links"],
        json!({"self": link(0), "next": link(3)})
    );
    // H64: no negative offset.
    let last = api.get(&format!("{of_task}&offset=2")).await;
    assert_eq!(
        last.body["_links"],
        json!({"self": link(2), "prev": link(0)})
    );
    // H65 to H69, H79
    for (query, count) in [
        (format!("task_id={id}&event_type=STARTED"), 1),
        (format!("task_id={id}&version=1"), 4),
        (format!("task_id={id}&version=2"), 0),
        ("min_clock=2&max_clock=3".to_owned(), 2),
        ("clock=2".to_owned(), 1),
        (format!("task_id={}", Uuid::now_v7()), 0),
    ] {
        let found = api.get(&format!("/api/v1/task_event?{query}")).await;
        assert_eq!(found.body["count"], count, "{query}");
    }
    // H71
    let ascending = "/api/v1/task_event?sort_by_clock=true&sort_clock_in_ascending_order=true";
    assert_eq!(api.get(ascending).await.body["items"][0]["clock"], 1);
    // Links repeat what was understood, not what was written.
    let odd = api
        .get("/api/v1/task_event?clock=%2B1&sort_by_clock=YES")
        .await;
    let link = format!("{base}?offset=0&limit=20&clock=1&sort_by_clock=true");
    assert_eq!(odd.body["_links"]["self"]["href"], link);
    // H80, H82, H83
    let none = api.get("/api/v1/task_event?limit=0").await;
    assert_eq!(
        (&none.body["items"], &none.body["count"]),
        (&json!([]), &json!(8))
    );
    let limit = [("X-Request-Limit", "2")];
    let two = api
        .call(Method::GET, "/api/v1/task_event", &limit, String::new())
        .await;
    assert_eq!(two.body["items"].as_array().unwrap().len(), 2);
    let head = api
        .call(Method::HEAD, "/api/v1/task_event", &[], String::new())
        .await;
    assert_eq!(
        (head.status, head.header("x-total-count")),
        (StatusCode::OK, "8")
    );
    assert_eq!(head.body, Value::Null);
}

#[tokio::test]
async fn a_wrong_query_finds_nothing_instead_of_everything() {
    let api = Api::new().await;
    // H72, H74 to H78, H81
    for (query, errors) in [
        ("foo=bar", json!({"foo": ["Unknown field."]})),
        ("taskId=xyz", json!({"taskId": ["Unknown field."]})),
        ("task_id=xyz", json!({"task_id": ["Not a valid UUID."]})),
        ("limit=x", json!({"limit": ["Not a valid integer."]})),
        (
            "limit=-1",
            json!({"limit": ["Must be greater than or equal to 0."]}),
        ),
        (
            "limit=1001",
            json!({"limit": ["Must be less than or equal to 1000."]}),
        ),
        (
            "event_type=NOPE",
            json!({"event_type": ["Invalid enum member NOPE"]}),
        ),
        (
            "sort_by_clock=maybe",
            json!({"sort_by_clock": ["Not a valid boolean."]}),
        ),
        (
            "sort_clock_in_ascending_order=true",
            json!({"_schema": ["sort_by_clock must be set if sort_clock_in_ascending_order is set"]}),
        ),
        (
            "a=1&b=2",
            json!({"a": ["Unknown field."], "b": ["Unknown field."]}),
        ),
    ] {
        let answer = api.get(&format!("/api/v1/task_event?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.body["context"]["errors"], errors, "{query}");
    }
    let fine = api
        .get("/api/v1/task_event?sort_clock_in_ascending_order=false")
        .await;
    assert_eq!(fine.status, StatusCode::OK, "H73");
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_may_not_be_done_405() {
    let api = Api::new().await;
    let ghost = Uuid::now_v7();
    // H58, H59, H105
    for path in [
        format!("/api/v1/task_event/{ghost}"),
        "/api/v1/task_event/xyz".to_owned(),
        format!("/api/v1/task/{ghost}"),
        "/api/v1/task/%ff".to_owned(),
        "/api/v1/nope".to_owned(),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    // X3, X34: the log has no PUT and no DELETE (H85 to H104 differ).
    for (method, path) in [
        (Method::PUT, "/api/v1/task_event".to_owned()),
        (Method::DELETE, format!("/api/v1/task_event/{ghost}")),
        (Method::PATCH, format!("/api/v1/task_event/{ghost}")),
        (Method::POST, format!("/api/v1/task/{ghost}")),
    ] {
        let answer = api.call(method, &path, &[], "{}".to_owned()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.header("allow").contains("GET"), "{path}");
        assert_eq!(answer.body["code"], 405);
    }
}
