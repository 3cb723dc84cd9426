//! Services of several machines, their build errors and limits.

use axum::http::{Method, StatusCode};
use eventsource_core::{Event, Store};
use eventsource_rest::{BuildError, Limits, Problem, Proposed, Service, TrustedHeaders};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tasks::TaskEvent;

use crate::client::Api;
use crate::shipments::{ShipmentEvent, shipments};

#[tokio::test]
async fn build_without_authenticator_fails_if_machine_requires_roles() {
    let error = Service::new().mount(shipments().await).build().unwrap_err();
    assert_eq!(
        error,
        BuildError::NoAuthenticator {
            entity: "shipment",
            event_type: "CREATED".to_owned()
        }
    );
    assert_eq!(
        error.to_string(),
        "the machine of 'shipment' requires a role for 'CREATED', but the service has no \
         authenticator: add `.authenticator(..)`"
    );
    let error = eventsource_rest::router(shipments().await).unwrap_err();
    assert!(matches!(error, BuildError::NoAuthenticator { .. }));
}

struct Never;

impl eventsource_rest::BeforeAppend<ShipmentEvent> for Never {
    async fn check(&self, _: &Proposed<'_, ShipmentEvent>) -> Result<(), Problem> {
        Err(Problem::forbidden("never"))
    }
}

#[tokio::test]
async fn build_fails_for_duplicate_machine_and_check_of_unknown_machine() {
    let tasks = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = tasks.migrate::<TaskEvent>().await.unwrap();
    let twice = Service::new().mount(tasks.clone()).mount(tasks.clone());
    assert_eq!(
        twice.build().unwrap_err(),
        BuildError::DuplicateMachine { entity: "task" }
    );
    let nothing = Service::new().mount(tasks).before_append(Never);
    assert_eq!(
        nothing.build().unwrap_err(),
        BuildError::UnknownMachine { entity: "shipment" }
    );
}

/// Machine whose path is that of the rules of all machines.
#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "machine")]
pub enum MachineEvent {
    /// Start of the machine.
    #[event(terminal)]
    Started,
}

#[tokio::test]
async fn build_fails_if_path_is_taken() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let machines = store.migrate::<MachineEvent>().await.unwrap();
    let error = Service::new().mount(machines).build().unwrap_err();
    assert_eq!(
        error,
        BuildError::PathTaken {
            entity: "machine",
            path: "/api/v1/machine".to_owned()
        }
    );
}

#[tokio::test]
async fn service_with_two_machines_serves_both() {
    let tasks = Store::connect("sqlite::memory:").await.unwrap();
    let service = Service::new()
        .mount(tasks.migrate::<TaskEvent>().await.unwrap())
        .mount(shipments().await)
        .before_append(Never)
        .authenticator(TrustedHeaders::insecure());
    let api = Api::of(service);
    assert_eq!(
        api.post(json!({"eventType": "CREATED"})).await.status,
        StatusCode::CREATED
    );
    let sender = [("X-Actor", "ann"), ("X-Roles", "SENDER")];
    let event = json!({"eventType": "CREATED", "weightKg": 1.0});
    let refused = api.post_to("/api/v1/shipment_event", &sender, event).await;
    assert_eq!(
        (refused.status, refused.body["detail"].as_str()),
        (StatusCode::FORBIDDEN, Some("never")),
        "a check is of its own machine"
    );
}

#[tokio::test]
async fn request_over_limit_is_refused() {
    let tasks = Store::connect("sqlite::memory:").await.unwrap();
    let limits = Limits {
        max_batch: 2,
        max_page_size: 5,
        max_body_bytes: 300,
        ..Limits::default()
    };
    let service = Service::new()
        .mount(tasks.migrate::<TaskEvent>().await.unwrap())
        .limits(limits);
    let api = Api::of(service);
    let three = json!([
        {"eventType": "CREATED"}, {"eventType": "CREATED"}, {"eventType": "CREATED"}
    ]);
    let refused = api.post(three).await;
    assert_eq!(
        refused.faults(),
        [(
            "_schema".to_owned(),
            "The list has 3 items; at most 2 are allowed.".to_owned()
        )]
    );
    let large = json!({"eventType": "CREATED", "description": "x".repeat(300)});
    let refused = api.post(large).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.body["type"], "/problems/body-too-large");
    assert_eq!(refused.body["limit"], 300);
    let wide = api.get("/api/v1/task_event?limit=6").await;
    assert_eq!(wide.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wide = [("X-Request-Limit", "6")];
    let page = api.get_with("/api/v1/task_event", &wide).await;
    assert_eq!(page.body["limit"], 5);
    assert_eq!(api.count().await, 0);
}

/// Pages of other origins may send forms and text without a preflight; those are refused.
#[tokio::test]
async fn body_that_is_not_json_is_415() {
    let api = Api::new().await;
    let event = json!({"eventType": "CREATED"}).to_string();
    for (media, status) in [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/vnd.task+json", 201),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
    ] {
        let headers = [("Content-Type", media)];
        let path = "/api/v1/task_event";
        let answer = api.call(Method::POST, path, &headers, event.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{media}");
        if status == 415 {
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
    assert_eq!(api.count().await, 3);
}
