//! Checks of the application before an append.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use eventsource_core::{EventStore, Store};
use eventsource_rest::{BeforeAppend, Problem, Proposed, Service};
use serde_json::json;
use tasks::TaskEvent;

use crate::client::Api;

async fn tasks() -> EventStore<TaskEvent> {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap()
}

/// Check that lets no more than two tasks be assigned to Bob.
struct NotAllToBob(Arc<AtomicUsize>);

impl BeforeAppend<TaskEvent> for NotAllToBob {
    async fn check(&self, proposed: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
        let to_bob = |event: &&TaskEvent| matches!(event, TaskEvent::Reassigned { assignee } if assignee == "bob");
        let Some(head) = proposed.head else {
            return Ok(());
        };
        assert_eq!(Some(head.id), proposed.entity_id);
        let handed = proposed.events.iter().filter(to_bob).count();
        let so_far = self.0.load(Ordering::SeqCst);
        self.0.store((so_far + handed).min(2), Ordering::SeqCst);
        if so_far + handed > 2 {
            return Err(
                Problem::forbidden("Bob has enough to do.").with("state", json!(head.state))
            );
        }
        Ok(())
    }
}

/// M24: a check of the application sees the state of the entity.
#[tokio::test]
async fn before_append_check_refuses_legal_event() {
    let handed = Arc::new(AtomicUsize::new(0));
    let service = Service::new()
        .mount(tasks().await)
        .before_append(NotAllToBob(handed));
    let api = Api::of(service);
    let id = api.started().await;
    let to = |who: &str| json!({"taskId": id, "eventType": "REASSIGNED", "assignee": who});
    for who in ["bob", "zoe", "bob"] {
        assert_eq!(api.post(to(who)).await.status, StatusCode::CREATED);
    }
    let refused = api.post(to("bob")).await;
    assert_eq!(
        (refused.status, &refused.body["type"]),
        (StatusCode::FORBIDDEN, &json!("/problems/forbidden"))
    );
    assert_eq!(refused.body["detail"], "Bob has enough to do.");
    assert_eq!(refused.body["state"], json!(["STARTED"]));
    assert_eq!(api.count().await, 7, "nothing was stored");
    assert_eq!(api.post(to("zoe")).await.status, StatusCode::CREATED);
}

/// Check that lets one event pass and counts its calls.
#[derive(Clone, Default)]
struct OnlyOnce(Arc<AtomicUsize>);

impl BeforeAppend<TaskEvent> for OnlyOnce {
    async fn check(&self, _: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err(Problem::forbidden("That was the last one.")),
        }
    }
}

#[tokio::test]
async fn before_append_check_is_skipped_for_repeated_key() {
    let check = OnlyOnce::default();
    let service = Service::new().mount(tasks().await);
    let api = Api::of(service.before_append(check.clone()));
    let key = [("Idempotency-Key", "k-1")];
    let event = json!({"eventType": "CREATED", "description": "once"});
    let first = api.post_with(&key, event.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    for _ in 0..3 {
        let again = api.post_with(&key, event.clone()).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
    assert_eq!(check.0.load(Ordering::SeqCst), 1);
    let other = api.post_with(&key, json!({"eventType": "CREATED"})).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = [("Idempotency-Key", "k-2")];
    let refused = api.post_with(&new, event.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(api.count().await, 1);
    assert_eq!(api.post(event).await.status, StatusCode::FORBIDDEN);
}

/// Check during which another request appends, so that the checked request is refused.
struct Overtaken(EventStore<TaskEvent>);

impl BeforeAppend<TaskEvent> for Overtaken {
    async fn check(&self, proposed: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
        let id = proposed.entity_id.unwrap();
        let event = TaskEvent::Created { description: None };
        let first = self.0.append(id, event).idempotency_key("k-1");
        first.await.map_err(Problem::from)?;
        Err(Problem::forbidden("There is one already."))
    }
}

#[tokio::test]
async fn repeated_key_refused_by_check_during_first_request_replays_its_response() {
    let tasks = tasks().await;
    let service = Service::new().mount(tasks.clone());
    let api = Api::of(service.before_append(Overtaken(tasks)));
    let event = json!({"taskId": uuid::Uuid::now_v7(), "eventType": "CREATED"});
    let answer = api.post_with(&[("Idempotency-Key", "k-1")], event).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.header("idempotency-replayed"), "true");
    assert_eq!(api.count().await, 1);
    let event = json!({"taskId": uuid::Uuid::now_v7(), "eventType": "CREATED"});
    let answer = api.post_with(&[("Idempotency-Key", "k-2")], event).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "of the check, whose key is taken"
    );
}
