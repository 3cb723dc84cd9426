//! Endpoints of a runtime, for actors with a role.

use axum::http::Method;
use eventsource_core::{Failure, Store};
use eventsource_rest::{BuildError, Service, TrustedHeaders};
use eventsource_runtime::{Delivery, Runtime, handler};
use serde_json::{Value, json};
use tasks::TaskEvent;

use crate::client::{Answer, Api};

const MAILS: &str = "/api/v1/runtime/subscription/mails";
const ANN: [(&str, &str); 2] = [("x-actor", "ann"), ("x-roles", "operator")];

/// Service with a handler that sets every key aside, and the runtime that runs it.
async fn service() -> (Api, Runtime) {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let refuse = |_: Delivery<TaskEvent>| async { Err(Failure::park("no such mailbox")) };
    let runtime = Runtime::new(&store).add(handler("mails", refuse).reads(&tasks));
    let runtime = runtime.build().await.unwrap();
    let service = Service::new().mount(tasks);
    let service = service.authenticator(TrustedHeaders::insecure());
    (Api::of(service.runtime(&runtime, "operator")), runtime)
}

async fn ask(api: &Api, operation: &str, body: Value) -> Answer {
    let path = format!("{MAILS}/{operation}");
    api.post_to(&path, &ANN, body).await
}

/// Stores a task, whose event is set aside.
async fn park(api: &Api, runtime: &Runtime) {
    let created = json!({ "eventType": "CREATED" });
    let answer = api.post_with(&ANN, created).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    runtime.settle().await.unwrap();
}

#[tokio::test]
async fn runtime_is_for_its_role() {
    let (api, _) = service().await;
    let clerk = [("x-actor", "bob"), ("x-roles", "clerk")];
    for path in [
        "/api/v1/runtime/subscription",
        MAILS,
        &format!("{MAILS}/parked"),
    ] {
        assert_eq!(api.get(path).await.status, 401);
        let refused = api.get_with(path, &clerk).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.body["allowed"], json!(["operator"]));
        assert_eq!(api.get_with(path, &ANN).await.status, 200);
        assert_eq!(
            api.call(Method::DELETE, path, &ANN, String::new())
                .await
                .status,
            405
        );
    }
    let pause = format!("{MAILS}/pause");
    let reason = json!({ "reason": "maintenance" });
    assert_eq!(api.post_to(&pause, &[], reason.clone()).await.status, 401);
    assert_eq!(api.post_to(&pause, &clerk, reason).await.status, 403);
    assert_eq!(api.get_with(MAILS, &ANN).await.body["paused"], false);
}

#[tokio::test]
async fn runtime_is_not_there_unless_asked_for() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let api = Api::of(Service::new().mount(tasks.clone()));
    assert_eq!(api.get(MAILS).await.status, 404);
    let runtime = Runtime::new(&store).build().await.unwrap();
    let built = Service::new()
        .mount(tasks)
        .runtime(&runtime, "operator")
        .build();
    assert_eq!(built.unwrap_err(), BuildError::NoOperator);
}

#[tokio::test]
async fn pause_and_resume_are_recorded_with_the_caller() {
    let (api, _) = service().await;
    let paused = ask(&api, "pause", json!({ "reason": "maintenance" })).await;
    assert_eq!(paused.status, 200, "{}", paused.text);
    assert_eq!(paused.body["paused"], true);
    assert_eq!(paused.body["operations"][0]["actor"], "ann");
    assert_eq!(paused.body["operations"][0]["reason"], "maintenance");
    let resumed = ask(&api, "resume", json!({ "reason": "done" })).await;
    assert_eq!(resumed.body["paused"], false);
}

#[tokio::test]
async fn bad_requests_to_the_runtime_change_nothing() {
    let (api, runtime) = service().await;
    park(&api, &runtime).await;
    for (operation, body) in [
        ("pause", json!({})),
        ("pause", json!({ "reason": "" })),
        ("pause", json!({ "reason": "a\0b" })),
        ("pause", json!({ "reason": "x".repeat(2001) })),
        ("pause", json!({ "reason": "why", "actor": "bob" })),
        ("pause", json!(["why"])),
        ("skip", json!({ "reason": "why" })),
        ("skip", json!({ "reason": "why", "position": "-1" })),
        ("replay", json!({ "reason": "why", "after": "x" })),
    ] {
        let answer = ask(&api, operation, body.clone()).await;
        assert_eq!(answer.status, 422, "{operation} {body}: {}", answer.text);
    }
    let large = json!({ "reason": "x".repeat(4 * 1024 * 1024) });
    assert_eq!(ask(&api, "pause", large).await.status, 413);
    for (operation, body, kind) in [
        ("retry", json!({ "reason": "why" }), "not-halted"),
        (
            "skip",
            json!({ "reason": "why", "position": "1" }),
            "not-halted",
        ),
        (
            "retry",
            json!({ "reason": "why", "key": "a\0b" }),
            "not-parked",
        ),
        ("rebuild", json!({ "reason": "why" }), "not-a-model"),
        ("cancel-rebuild", json!({ "reason": "why" }), "not-building"),
        (
            "replay",
            json!({ "reason": "why", "after": "9999" }),
            "not-reached",
        ),
    ] {
        let answer = ask(&api, operation, body).await;
        assert_eq!(answer.status, 409, "{operation}: {}", answer.text);
        assert_eq!(answer.body["type"], format!("/problems/{kind}"));
    }
    assert_eq!(
        ask(&api, "explode", json!({ "reason": "why" }))
            .await
            .status,
        404
    );
    let other = "/api/v1/runtime/subscription/nobody";
    assert_eq!(api.get_with(other, &ANN).await.status, 404);
    let reason = json!({ "reason": "why" });
    let paused = api.post_to(&format!("{other}/pause"), &ANN, reason).await;
    assert_eq!(paused.status, 404);
    let parked = format!("{MAILS}/parked");
    for query in ["?limit=x", "?limit=99999", "?wrong=1"] {
        let answer = api.get_with(&format!("{parked}{query}"), &ANN).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text);
    }
    let state = api.get_with(MAILS, &ANN).await;
    assert_eq!(state.body["operations"], json!([]));
    assert_eq!(state.body["parked"], 1);
}

#[tokio::test]
async fn parked_keys_are_shown_and_skipped_once() {
    let (api, runtime) = service().await;
    park(&api, &runtime).await;
    let parked = api.get_with(&format!("{MAILS}/parked"), &ANN).await;
    let key = &parked.body["items"][0];
    assert_eq!(key["error"], "no such mailbox");
    assert_eq!(key["waiting"], 1);
    let body = json!({ "reason": "by hand", "key": key["key"], "position": key["position"] });
    let (one, other) = tokio::join!(ask(&api, "skip", body.clone()), ask(&api, "skip", body));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let state = api.get_with(MAILS, &ANN).await;
    assert_eq!(
        (&state.body["parked"], &state.body["operations"][0]["actor"]),
        (&json!(0), &json!("ann"))
    );
}

#[tokio::test]
async fn document_describes_the_runtime() {
    let (api, _) = service().await;
    let document = api.get_with("/api/openapi.json", &ANN).await.body;
    let one = "/api/v1/runtime/subscription/{name}";
    for operation in [
        "pause",
        "resume",
        "retry",
        "skip",
        "rebuild",
        "cancel-rebuild",
        "replay",
    ] {
        let post = &document["paths"][format!("{one}/{operation}")]["post"];
        assert!(post["responses"]["409"].is_object(), "{operation}");
        assert_eq!(post["security"], json!([{ "bearer": [] }]));
    }
    assert!(document["paths"][format!("{one}/parked")]["get"].is_object());
}
