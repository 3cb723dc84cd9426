//! Whose an idempotency key is, over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use eventsource_core::ddl::SchemaOptions;
use eventsource_core::{EventStore, Store, StoreOptions};
use eventsource_rest::{BeforeAppend, Problem, Proposed, Service, TrustedHeaders};
use serde_json::{Value, json};
use tasks::TaskEvent;

use crate::client::{Answer, Api};
use crate::shipments::shipments;

/// Lists who asks: nobody, ann, bob, and ann in other roles, who is ann.
const ACTORS: [&[(&str, &str)]; 4] = [
    &[],
    &[("X-Actor", "ann")],
    &[("X-Actor", "bob")],
    &[("X-Actor", "ann"), ("X-Roles", "OTHER")],
];

async fn tasks() -> EventStore<TaskEvent> {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap()
}

fn trusting(service: Service) -> Api {
    Api::of(service.authenticator(TrustedHeaders::insecure()))
}

async fn post(api: &Api, actor: &[(&str, &str)], key: &str, body: Value) -> Answer {
    let headers = [&[("Idempotency-Key", key)], actor].concat();
    api.post_with(&headers, body).await
}

#[tokio::test]
async fn idempotency_key_of_other_actor_is_another_request() {
    let api = trusting(Service::new().mount(tasks().await));
    // Without an id: the service makes one.
    let create = |text: &str| json!({"eventType": "CREATED", "description": text});
    let created = async |actor, key: &str| {
        let answer = post(&api, actor, key, create("x")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer
    };
    for (n, first) in ACTORS.iter().enumerate() {
        for (m, second) in ACTORS.iter().enumerate() {
            let key = &format!("{n} {m}");
            let one = created(first, key).await;
            let other = created(second, key).await;
            let is_own = first.first() == second.first();
            assert_eq!(one.body == other.body, is_own, "{key}");
            assert_eq!(other.header("idempotency-replayed") == "true", is_own);
            for (actor, answer) in [(first, one), (second, other)] {
                let again = created(actor, key).await;
                assert_eq!(again.body, answer.body, "{key}");
                assert_eq!(again.header("idempotency-replayed"), "true", "{key}");
                let reused = post(&api, actor, key, create("y")).await;
                assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
                assert_eq!(reused.body["type"], "/problems/idempotency-key-reuse");
            }
        }
    }
    // Several entities in one request.
    let list = json!([create("x"), create("y")]);
    let ann = post(&api, ACTORS[1], "list", list.clone()).await;
    let bob = post(&api, ACTORS[2], "list", list.clone()).await;
    assert_eq!(ann.status, StatusCode::CREATED, "{}", ann.body);
    assert_ne!(ann.body, bob.body);
    assert_eq!(post(&api, ACTORS[2], "list", list).await.body, bob.body);
}

/// Check that counts its calls.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl BeforeAppend<TaskEvent> for Counting {
    async fn check(&self, proposed: &Proposed<'_, TaskEvent>) -> Result<(), Problem> {
        self.0.fetch_add(1, Ordering::SeqCst);
        match proposed.actor.map(eventsource_core::Actor::id) {
            Some("bob") => Err(Problem::forbidden("Bob is on leave.")),
            _ => Ok(()),
        }
    }
}

/// Counts the events, as an actor: reads need one.
async fn count(api: &Api) -> u64 {
    let path = "/api/v1/task_event?limit=0";
    let page = api.get_with(path, ACTORS[1]).await;
    page.body["count"].as_u64().unwrap()
}

#[tokio::test]
async fn check_runs_for_actor_who_uses_key_of_another() {
    let check = Counting::default();
    let service = Service::new().mount(tasks().await);
    let api = trusting(service.before_append(check.clone()));
    let create = json!({"eventType": "CREATED"});
    for (actor, status, calls) in [
        (ACTORS[1], StatusCode::CREATED, 1),
        (ACTORS[2], StatusCode::FORBIDDEN, 2),
        (ACTORS[0], StatusCode::CREATED, 3),
        (ACTORS[1], StatusCode::CREATED, 3),
        (ACTORS[0], StatusCode::CREATED, 3),
        (ACTORS[2], StatusCode::FORBIDDEN, 4),
    ] {
        let answer = post(&api, actor, "k", create.clone()).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(check.0.load(Ordering::SeqCst), calls);
    }
    assert_eq!(count(&api).await, 2);
}

#[tokio::test]
async fn check_runs_again_after_key_has_expired() {
    let tables = SchemaOptions::new().idempotency_keys_expire_after(Duration::ZERO);
    let options = StoreOptions::new("sqlite::memory:").schema_options(tables);
    let tasks = options.connect().await.unwrap();
    let tasks = tasks.migrate::<TaskEvent>().await.unwrap();
    let check = Counting::default();
    let api = trusting(Service::new().mount(tasks).before_append(check.clone()));
    for calls in 1..4 {
        let create = json!({"eventType": "CREATED"});
        let answer = post(&api, ACTORS[1], "k", create).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        assert_eq!(answer.header("idempotency-replayed"), "");
        assert_eq!(check.0.load(Ordering::SeqCst), calls);
    }
    assert_eq!(count(&api).await, 3);
}

#[tokio::test]
async fn repeat_of_actor_who_has_lost_role_is_answered() {
    let api = trusting(Service::new().mount(shipments().await));
    let events = "/api/v1/shipment_event";
    let post = async |actor: &[(&str, &str)], key: &str| {
        let headers = [&[("Idempotency-Key", key)], actor].concat();
        let created = json!({"eventType": "CREATED", "weightKg": 2.5});
        api.post_to(events, &headers, created).await
    };
    let sender = [("X-Actor", "ann"), ("X-Roles", "SENDER")];
    let first = post(&sender, "k").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let again = post(&sender[..1], "k").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        post(&sender[..1], "new").await.status,
        StatusCode::FORBIDDEN
    );
    let bob = post(&[("X-Actor", "bob")], "k").await;
    assert_eq!(bob.status, StatusCode::FORBIDDEN, "{}", bob.body);
    assert_eq!(post(&[], "k").await.status, StatusCode::UNAUTHORIZED);
}
