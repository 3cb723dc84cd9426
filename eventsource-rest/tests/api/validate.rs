//! Dry runs of events.

use axum::http::StatusCode;
use eventsource_rest::{Service, TrustedHeaders};
use serde_json::{Value, json};

use crate::client::{Answer, Api};
use crate::shipments::shipments;

async fn validate(api: &Api, body: Value) -> Answer {
    api.post_to("/api/v1/task/validate", &[], body).await
}

#[tokio::test]
async fn dry_run_reports_each_event_with_state_after_it() {
    let api = Api::new().await;
    let answer = validate(
        &api,
        json!({"events": [
            {"eventType": "CREATED"},
            {"eventType": "STARTED"},
            {"eventType": "ASSIGNED"},
            {"eventType": "ASSIGNED", "assignee": "ann"},
            {"eventType": "NOPE"},
        ]}),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["legal"], false);
    assert_eq!(answer.body["state"], json!(["ASSIGNED", "CREATED"]));
    let actual: Vec<(&Value, &Value, &Value)> = answer.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            (
                &event["legal"],
                &event["state"],
                &event["problem"]["message"],
            )
        })
        .collect();
    let (created, both) = (json!(["CREATED"]), json!(["ASSIGNED", "CREATED"]));
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(
        actual,
        [
            (&yes, &created, &Value::Null),
            (
                &no,
                &created,
                &json!("Event type 'STARTED' may not follow [CREATED]")
            ),
            (&no, &created, &json!("Validation error")),
            (&yes, &both, &Value::Null),
            (&no, &both, &json!("Validation error")),
        ]
    );
    let problems = &answer.body["events"];
    assert_eq!(
        problems[1]["problem"]["legal"],
        json!(["ASSIGNED", "SCHEDULED", "REVISED"])
    );
    assert_eq!(
        problems[2]["problem"]["context"]["errors"][0]["pointer"],
        "/events/2/assignee"
    );
    assert_eq!(api.count().await, 0, "nothing was stored");
}

/// A dry run and the append have the same result.
#[tokio::test]
async fn dry_run_from_entity_or_its_state_agrees_with_append() {
    let api = Api::new().await;
    for event_type in [
        "CREATED",
        "ASSIGNED",
        "STARTED",
        "REASSIGNED",
        "REVISED",
        "CANCELED",
        "COMPLETED",
        "ENDED",
    ] {
        let id = api.started().await;
        let mut event = json!({"eventType": event_type});
        if event_type.ends_with("SIGNED") {
            event["assignee"] = json!("bob");
        }
        let of_entity = validate(&api, json!({"taskId": id, "events": [event]})).await;
        let of_state = validate(&api, json!({"state": ["STARTED"], "events": [event]})).await;
        assert_eq!(of_entity.body, of_state.body);
        let path = format!("/api/v1/task/{id}/task_event");
        let done = api.post_to(&path, &[], event).await;
        let legal = done.status == StatusCode::CREATED;
        assert_eq!(of_entity.body["legal"], json!(legal), "{event_type}");
        let task = api.get(&format!("/api/v1/task/{id}")).await;
        assert_eq!(of_entity.body["state"], task.body["state"], "{event_type}");
        if !legal {
            assert_eq!(of_entity.body["events"][0]["problem"], done.body);
        }
    }
    let auto = validate(
        &api,
        json!({"state": ["STARTED"], "events": [{"eventType": "COMPLETED"}]}),
    );
    assert_eq!(
        auto.await.body["events"][0]["autoTransitions"],
        json!(["ENDED"])
    );
}

#[tokio::test]
async fn dry_run_with_invalid_body_reports_all_faults() {
    let api = Api::new().await;
    let answer = validate(&api, json!({"taskId": "x", "state": ["NOPE"], "foo": 1})).await;
    let actual = answer.faults();
    let mut fields: Vec<&str> = actual.iter().map(|(field, _)| field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["events", "foo", "state", "taskId"]);
    let both = validate(
        &api,
        json!({"taskId": uuid::Uuid::now_v7(), "state": [], "events": []}),
    );
    assert_eq!(both.await.faults()[0].0, "state");
}

#[tokio::test]
async fn dry_run_checks_roles() {
    let service = Service::new().mount(shipments().await);
    let api = Api::of(service.authenticator(TrustedHeaders::insecure()));
    let body = json!({"events": [{"eventType": "CREATED", "weightKg": 1.0}]});
    for (roles, status) in [("", 401), ("CARRIER", 403), ("SENDER", 0)] {
        let headers = [("X-Actor", "ann"), ("X-Roles", roles)];
        let headers = if status == 401 {
            &headers[2..]
        } else {
            &headers[..]
        };
        let path = "/api/v1/shipment/validate";
        let answer = api.post_to(path, headers, body.clone()).await;
        if status == 401 {
            // As a read: the state of an entity could be its answer.
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK);
        let problem = &answer.body["events"][0]["problem"];
        assert_eq!(problem["status"].as_u64().unwrap_or(0), status, "{roles}");
    }
}
