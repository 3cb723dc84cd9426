//! Commands that clients leave to be executed later.

use axum::http::{Method, StatusCode};
use eventsource_core::{Command, Decision, Entity, EntityId, Event, EventStore, Role, Store};
use eventsource_rest::{Service, TrustedHeaders};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{Answer, Api};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Staff {
    Clerk,
    Sensor,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "parcel", roles = Staff, read_by(Clerk))]
enum ParcelEvent {
    Packed {
        secret: String,
    },
    #[event(follows = Packed, terminal, by(Clerk, Sensor))]
    Sent,
}

/// Packs a parcel, once.
#[derive(Serialize, Deserialize)]
struct Pack {
    secret: String,
}

#[derive(Debug, Serialize, thiserror::Error)]
#[error("the parcel is packed with {secret:?}")]
struct Packed {
    secret: Option<String>,
}

impl Command<ParcelEvent> for Pack {
    const NAME: &'static str = "pack";
    type State = ParcelData;
    type Refusal = Packed;

    fn decide(
        &self,
        parcel: &Entity<ParcelEvent, ParcelData>,
    ) -> Result<Decision<ParcelEvent>, Packed> {
        match parcel.head {
            None => Ok(ParcelEvent::Packed {
                secret: self.secret.clone(),
            }
            .into()),
            Some(_) => Err(Packed {
                secret: parcel.data.secret.clone(),
            }),
        }
    }
}

/// Sends a parcel.
#[derive(Serialize, Deserialize)]
struct Send;

impl Command<ParcelEvent> for Send {
    const NAME: &'static str = "send";
    type State = ParcelData;
    type Refusal = Packed;

    fn decide(&self, _: &Entity<ParcelEvent, ParcelData>) -> Result<Decision<ParcelEvent>, Packed> {
        Ok(ParcelEvent::Sent.into())
    }
}

struct Depot {
    parcels: EventStore<ParcelEvent>,
    api: Api,
}

const ANN: [(&str, &str); 2] = [("x-actor", "ann"), ("x-roles", "CLERK")];
const EVE: [(&str, &str); 2] = [("x-actor", "eve"), ("x-roles", "CLERK")];
/// May write, and not read.
const SENSOR: [(&str, &str); 2] = [("x-actor", "s-7"), ("x-roles", "SENSOR")];

impl Depot {
    async fn new() -> Self {
        let store = Store::connect("sqlite::memory:").await.unwrap();
        store.migrate_runtime().await.unwrap();
        let parcels = store.migrate::<ParcelEvent>().await.unwrap();
        let service = Service::new()
            .mount(parcels.clone())
            .submittable_command::<ParcelEvent, Pack>()
            .command::<ParcelEvent, Send>()
            .authenticator(TrustedHeaders::insecure());
        Self {
            parcels,
            api: Api::of(service),
        }
    }

    /// Gives a command to be executed later.
    async fn leave(&self, path: &str, who: &[(&str, &str)], more: &[(&str, &str)]) -> Answer {
        let headers = [who, &[("Prefer", "respond-async")], more].concat();
        let path = format!("/api/v1/parcel/{path}");
        let body = json!({"secret": "gold"}).to_string();
        self.api.call(Method::POST, &path, &headers, body).await
    }

    async fn get(&self, path: &str, who: &[(&str, &str)]) -> Answer {
        self.api.call(Method::GET, path, who, String::new()).await
    }

    async fn execute(&self) {
        while self.parcels.execute_submitted::<Pack>(10).await.unwrap() > 0 {}
    }
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let location = answer.header("location");
    location[location.find("/api").unwrap()..].to_owned()
}

#[tokio::test]
async fn command_that_is_left_is_pending_and_then_has_its_outcome() {
    let depot = Depot::new().await;
    let id = EntityId::new();
    let answer = depot.leave(&format!("{id}/command/pack"), &ANN, &[]).await;
    let location = location(&answer);
    assert_eq!(answer.header("preference-applied"), "respond-async");
    assert_eq!(answer.body["outcome"], "pending");
    assert!(location.ends_with(answer.body["commandId"].as_str().unwrap()));
    assert!(depot.parcels.head(id).await.unwrap().is_none());

    let pending = depot.get(&location, &ANN).await;
    assert_eq!(
        (pending.status, &pending.body["outcome"]),
        (StatusCode::OK, &json!("pending"))
    );
    assert_eq!(pending.body["events"], json!([]));

    depot.execute().await;
    let done = depot.get(&location, &ANN).await;
    assert_eq!(done.body["outcome"], "accepted", "{}", done.text);
    assert_eq!(done.body["name"], "pack");
    assert_eq!(done.body["parcelId"], id.to_string());
    assert_eq!(done.body["events"][0]["secret"], "gold");
    assert_eq!(done.header("etag"), "\"1\"");
}

#[tokio::test]
async fn repeat_of_a_command_that_is_left_leads_to_the_same_outcome() {
    let depot = Depot::new().await;
    let id = EntityId::new();
    let path = format!("{id}/command/pack");
    let key = [("Idempotency-Key", "order:7, a/b ?")];
    let locations: Vec<_> =
        futures_util::future::join_all((0..8).map(|_| depot.leave(&path, &ANN, &key)))
            .await
            .iter()
            .map(location)
            .collect();
    assert!(locations.iter().all(|location| *location == locations[0]));
    depot.execute().await;
    assert_eq!(depot.parcels.head(id).await.unwrap().unwrap().seq.get(), 1);
    // Later, and at once.
    assert_eq!(
        location(&depot.leave(&path, &ANN, &key).await),
        locations[0]
    );
    let body = json!({"secret": "gold"}).to_string();
    let headers = [&ANN[..], &key].concat();
    let url = format!("/api/v1/parcel/{path}");
    let again = depot.api.call(Method::POST, &url, &headers, body).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        depot.get(&locations[0], &ANN).await.body["outcome"],
        "accepted"
    );
}

#[tokio::test]
async fn outcome_is_shown_to_the_actor_who_gave_the_command_and_as_far_as_it_may_read() {
    let depot = Depot::new().await;
    let id = EntityId::new();
    let path = format!("{id}/command/pack");
    let first = location(&depot.leave(&path, &ANN, &[]).await);
    let refused = location(&depot.leave(&path, &SENSOR, &[]).await);
    depot.execute().await;
    for who in [&EVE[..], &SENSOR] {
        assert_eq!(depot.get(&first, who).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(
        depot.get(&first, &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let outcome = depot.get(&refused, &SENSOR).await;
    assert_eq!(outcome.body["outcome"], "refused", "{}", outcome.text);
    assert!(!outcome.text.contains("gold"), "{}", outcome.text);
    let other = format!(
        "/api/v1/parcel/{}/command/{}",
        EntityId::new(),
        first.rsplit('/').next().unwrap()
    );
    assert_eq!(depot.get(&other, &ANN).await.status, StatusCode::NOT_FOUND);
    // One who may read hears why.
    let why = location(&depot.leave(&path, &EVE, &[]).await);
    depot.execute().await;
    let outcome = depot.get(&why, &EVE).await;
    assert_eq!(outcome.body["refusal"], json!({"secret": "gold"}));
}

/// The first one counts, as for a command that is executed at once.
#[tokio::test]
async fn key_of_another_command_does_not_lead_to_what_is_not_its_own() {
    let depot = Depot::new().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    let key = [("Idempotency-Key", "k")];
    let first = location(&depot.leave(&format!("{id}/command/pack"), &ANN, &key).await);
    depot.execute().await;
    // The same key for another entity: nothing is stored there, and nothing of the first is told.
    let answer = depot
        .leave(&format!("{other}/command/pack"), &ANN, &key)
        .await;
    if answer.status == StatusCode::ACCEPTED {
        depot.execute().await;
        let outcome = depot.get(&location(&answer), &ANN).await;
        assert_eq!(outcome.body["outcome"], "failed", "{}", outcome.text);
        assert!(!outcome.text.contains(&id.to_string()), "{}", outcome.text);
    } else {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(depot.parcels.head(other).await.unwrap().is_none());
    // The same key of another actor is another key.
    let of_eve = location(&depot.leave(&format!("{id}/command/pack"), &EVE, &key).await);
    assert_eq!(of_eve, first);
    assert_eq!(depot.get(&of_eve, &EVE).await.body["outcome"], "pending");
    assert_eq!(depot.get(&first, &ANN).await.body["outcome"], "accepted");
    let nul = depot
        .get(&format!("/api/v1/parcel/{id}/command/%00"), &ANN)
        .await;
    assert_eq!(nul.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn commands_that_cannot_wait_are_executed_at_once() {
    let depot = Depot::new().await;
    // It begins an entity, whose id the client is told.
    let created = depot.leave("command/pack", &ANN, &[]).await;
    assert_eq!(
        (created.status, &created.body["outcome"]),
        (StatusCode::OK, &json!("accepted"))
    );
    assert_eq!(created.header("preference-applied"), "");
    let id = created.body["parcelId"].as_str().unwrap().to_owned();
    // It expects something, and is answered whether that holds.
    let path = format!("{id}/command/pack");
    let stale = depot.leave(&path, &ANN, &[("If-Match", "\"9\"")]).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    // It is not one that may be left.
    let url = format!("/api/v1/parcel/{id}/command/send");
    let headers = [&ANN[..], &[("Prefer", "respond-async")]].concat();
    let sent = depot
        .api
        .call(Method::POST, &url, &headers, "{}".into())
        .await;
    assert_eq!(
        (sent.status, &sent.body["outcome"]),
        (StatusCode::OK, &json!("accepted"))
    );
}

#[tokio::test]
async fn command_that_is_malformed_or_hidden_is_refused_and_not_kept() {
    let depot = Depot::new().await;
    let id = EntityId::new();
    let url = format!("/api/v1/parcel/{id}/command/pack");
    let headers = [&ANN[..], &[("Prefer", "respond-async")]].concat();
    for body in [
        "{}",
        "[]",
        "{\"secret\": 7}",
        "{\"secret\": \"\\u0000\"}",
        "{",
    ] {
        let answer = depot
            .api
            .call(Method::POST, &url, &headers, body.into())
            .await;
        let status = answer.status.as_u16();
        assert!([400, 422].contains(&status), "{body}: {}", answer.text);
    }
    let none = depot
        .get(&format!("/api/v1/parcel/{id}/command/none"), &ANN)
        .await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let long = format!("/api/v1/parcel/{id}/command/{}", "x".repeat(5000));
    assert_eq!(depot.get(&long, &ANN).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        depot.parcels.execute_submitted::<Pack>(10).await.unwrap(),
        0
    );
}

/// Gives commands as a client that could not read the outcome, and so is answered at once.
#[tokio::test]
async fn client_that_may_not_read_and_is_not_known_leaves_nothing() {
    let depot = Depot::new().await;
    let id = EntityId::new();
    let path = format!("{id}/command/pack");
    let answer = depot.leave(&path, &[], &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("preference-applied"), "");
    let left = depot.parcels.execute_submitted::<Pack>(10).await.unwrap();
    assert_eq!(left, 0);
}

/// Whoever was not allowed to let the event happen learns that it failed, and not why.
#[tokio::test]
async fn command_of_an_actor_without_the_role_fails() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    store.migrate_runtime().await.unwrap();
    let parcels = store.migrate::<ParcelEvent>().await.unwrap();
    let id = EntityId::new();
    parcels
        .append(
            id,
            ParcelEvent::Packed {
                secret: "gold".into(),
            },
        )
        .await
        .unwrap();
    let service = Service::new()
        .mount(parcels.clone())
        .submittable_command::<ParcelEvent, Send>()
        .authenticator(TrustedHeaders::insecure());
    let api = Api::of(service);
    let guest = [
        ("x-actor", "eve"),
        ("x-roles", "GUEST"),
        ("Prefer", "respond-async"),
    ];
    let url = format!("/api/v1/parcel/{id}/command/send");
    let answer = api.call(Method::POST, &url, &guest, String::new()).await;
    let location = location(&answer);
    parcels.execute_submitted::<Send>(10).await.unwrap();
    let outcome = api
        .call(Method::GET, &location, &guest, String::new())
        .await;
    assert_eq!(outcome.body["outcome"], "failed");
    assert_eq!(outcome.body.get("refusal"), None::<&Value>);
    assert_eq!(parcels.head(id).await.unwrap().unwrap().seq.get(), 1);
}

#[tokio::test]
async fn key_of_a_command_with_another_body_is_422() {
    let depot = Depot::new().await;
    let url = format!("/api/v1/parcel/{}/command/pack", EntityId::new());
    let headers = [
        &ANN[..],
        &[("Prefer", "respond-async"), ("Idempotency-Key", "k-1")],
    ]
    .concat();
    let leave = async |secret: &str| {
        let body = json!({ "secret": secret }).to_string();
        depot.api.call(Method::POST, &url, &headers, body).await
    };
    location(&leave("gold").await);
    location(&leave("gold").await);
    let refused = leave("silver").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["type"], "/problems/idempotency-key-reuse");
}
