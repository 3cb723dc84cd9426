//! Roles and authenticators.

use axum::http::StatusCode;
use axum::http::request::Parts;
use eventsource_core::Actor;
use eventsource_rest::{Authenticator, Problem, Service, TrustedHeaders};
use serde_json::{Value, json};

use crate::client::{Answer, Api};
use crate::shipments::{ShipmentEvent, shipments};

const EVENTS: &str = "/api/v1/shipment_event";
const SENDER: [(&str, &str); 2] = [("X-Actor", "ann"), ("X-Roles", "SENDER")];
const CARRIER: [(&str, &str); 2] = [("X-Actor", "carl"), ("X-Roles", "OTHER, CARRIER")];

type Headers = &'static [(&'static str, &'static str)];

async fn trusting() -> Api {
    let service = Service::new().mount(shipments().await);
    Api::of(service.authenticator(TrustedHeaders::insecure()))
}

fn created() -> Value {
    json!({"eventType": "CREATED", "weightKg": 2.5})
}

fn kind(answer: &Answer) -> (StatusCode, &str) {
    let kind = answer.body["type"].as_str().unwrap_or_default();
    (answer.status, kind.trim_start_matches("/problems/"))
}

/// Roles and states are checked independently of each other.
#[tokio::test]
async fn append_checks_every_role_in_every_state() {
    let api = trusting().await;
    let nobody: Headers = &[];
    let (sender, carrier) = (&SENDER[..], &CARRIER[..]);
    let created = created();
    let picked = json!({"eventType": "PICKED_UP", "vehicle": "van"});
    let located = json!({"eventType": "LOCATED", "place": "Ulm"});
    let delivered = json!({"eventType": "DELIVERED"});
    let rules: [(&Value, Option<Headers>); 4] = [
        (&created, Some(sender)),
        (&picked, Some(carrier)),
        (&located, None),
        (&delivered, Some(carrier)),
    ];
    // The events that lead to each state, and those that are legal there.
    let walks: [(&[&Value], &[&str]); 4] = [
        (&[], &["CREATED"]),
        (&[&created], &["PICKED_UP"]),
        (&[&created, &picked], &["LOCATED", "DELIVERED"]),
        (&[&created, &picked, &delivered], &[]),
    ];
    for (walk, legal) in walks {
        for (event, by) in rules {
            for who in [nobody, sender, carrier] {
                let mut id = Value::Null;
                for step in walk {
                    let mut step = (*step).clone();
                    let who = if step["eventType"] == "CREATED" {
                        sender
                    } else {
                        carrier
                    };
                    if !id.is_null() {
                        step["shipmentId"] = id.clone();
                    }
                    let answer = api.post_to(EVENTS, who, step).await;
                    id = answer.body["shipmentId"].clone();
                }
                let mut event = event.clone();
                let event_type = event["eventType"].as_str().unwrap().to_owned();
                if id.is_null() && event_type != "CREATED" {
                    // The next that would be given.
                    continue;
                }
                if !id.is_null() {
                    event["shipmentId"] = id;
                }
                let answer = api.post_to(EVENTS, who, event).await;
                let actual = kind(&answer);
                let is_legal = legal.contains(&event_type.as_str());
                let expected = match by {
                    Some(_) if who.is_empty() => (StatusCode::UNAUTHORIZED, "unauthenticated"),
                    Some(by) if by != who => (StatusCode::FORBIDDEN, "actor-not-allowed"),
                    _ if is_legal => (StatusCode::CREATED, ""),
                    _ => (StatusCode::FORBIDDEN, "illegal-state-transition"),
                };
                assert_eq!(actual, expected, "{event_type} by {who:?} after {walk:?}");
            }
        }
    }
}

#[tokio::test]
async fn append_in_wrong_role_is_403_with_allowed_roles() {
    let api = trusting().await;
    let refused = api.post_to(EVENTS, &CARRIER, created()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.body["event"], "CREATED");
    assert_eq!(refused.body["allowed"], json!(["SENDER"]));
    assert_eq!(refused.body["actual"], json!(["CARRIER", "OTHER"]));
    let nobody = api.post_to(EVENTS, &[], created()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(!nobody.header("www-authenticate").is_empty());
    let nameless = api.post_to(EVENTS, &SENDER[1..], created()).await;
    assert_eq!(nameless.status, StatusCode::UNAUTHORIZED);
    let entity = api.post_to(EVENTS, &SENDER, created()).await;
    let id = entity.body["shipmentId"].as_str().unwrap();
    let path = format!("/api/v1/shipment/{id}");
    let shipment = api.get_with(&path, &CARRIER).await;
    assert_eq!(
        shipment.body["nextEvents"],
        json!([{"eventType": "PICKED_UP", "requires": ["vehicle"], "roles": ["CARRIER"]}])
    );
}

/// C7: ids have the machine's own form, and no gap where a creation was refused.
#[tokio::test]
async fn counter_ids_have_format_of_machine_and_no_gaps() {
    let api = trusting().await;
    for number in 1..=3 {
        api.post_to(EVENTS, &CARRIER, created()).await;
        let wrong = json!({"eventType": "CREATED", "weightKg": "heavy"});
        api.post_to(EVENTS, &SENDER, wrong).await;
        let answer = api.post_to(EVENTS, &SENDER, created()).await;
        let id = format!("SHP-{number:010}");
        assert_eq!(
            (answer.status, &answer.body["shipmentId"]),
            (StatusCode::CREATED, &json!(id))
        );
        let path = format!("/api/v1/shipment/{id}");
        let shipment = api.get_with(&path, &CARRIER).await;
        assert_eq!(shipment.body["id"], json!(id));
        let path = format!("{EVENTS}?shipment_id={id}");
        let page = api.get_with(&path, &CARRIER).await;
        assert_eq!(page.body["count"], 1);
        let link = page.body["_links"]["self"]["href"].as_str().unwrap();
        assert!(link.ends_with(&format!("shipment_id={id}")), "{link}");
    }
    let not_given = api
        .post_to(
            EVENTS,
            &SENDER,
            json!({"shipmentId": "SHP-0000000099", "eventType": "CREATED", "weightKg": 1.0}),
        )
        .await;
    assert_eq!(not_given.faults()[0].0, "shipmentId");
    let uuid = uuid::Uuid::now_v7();
    let uuid = api
        .post_to(
            EVENTS,
            &SENDER,
            json!({"shipmentId": uuid, "eventType": "CREATED", "weightKg": 1.0}),
        )
        .await;
    assert_eq!(
        uuid.faults(),
        [(
            "shipmentId".to_owned(),
            "Not an entity id: expected 'SHP-' followed by a number of at least 10 digits."
                .to_owned()
        )]
    );
}

/// Authenticator that knows one token.
struct Tokens;

impl Authenticator for Tokens {
    async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        match request.headers.get("authorization") {
            None => Ok(None),
            Some(token) if token == "Bearer ann" => Ok(Some(Actor::new("ann").with_role("SENDER"))),
            Some(_) => Err(Problem::unauthorized("The token is not known.")),
        }
    }
}

#[tokio::test]
async fn custom_authenticator_gives_actor() {
    let store = shipments().await;
    let api = Api::of(Service::new().mount(store.clone()).authenticator(Tokens));
    let forged = api
        .post_to(EVENTS, &[("Authorization", "Bearer eve")], created())
        .await;
    assert_eq!(kind(&forged), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    assert_eq!(forged.body["message"], "The token is not known.");
    let known = [("Authorization", "Bearer ann"), ("X-Actor", "eve")];
    let answer = api.post_to(EVENTS, &known, created()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    // X12: in every representation of the event.
    let id = answer.body["shipmentId"].as_str().unwrap();
    let event = answer.body["id"].as_str().unwrap();
    let history = format!("/api/v1/shipment/{id}/history");
    let history = api.get_with(&history, &known).await;
    let page = api.get_with(EVENTS, &known).await;
    let one = api.get_with(&format!("{EVENTS}/{event}"), &known).await;
    for actual in [
        &answer.body,
        &history.body[0],
        &page.body["items"][0],
        &one.body,
    ] {
        assert_eq!(actual["sequence"], 1);
        assert_eq!(actual["metadata"]["actor"], "ann");
        assert_eq!(actual["metadata"]["roles"], json!(["SENDER"]));
        let request = answer.header("x-request-id");
        assert_eq!(actual["metadata"]["correlationId"], request);
        assert_eq!(actual["metadata"]["causationId"], request);
    }
    let stored = store.search().await.unwrap().readable().unwrap();
    let metadata = &stored.items[0].metadata;
    assert_eq!(metadata.actor.as_deref(), Some("ann"));
    assert_eq!(metadata.roles, ["SENDER"]);
    assert_eq!(
        stored.items[0].event,
        ShipmentEvent::Created { weight_kg: 2.5 }
    );
}

/// Authenticator whose actor is that of a test.
struct Always(Actor);

impl Authenticator for Always {
    async fn actor(&self, _: &Parts) -> Result<Option<Actor>, Problem> {
        Ok(Some(self.0.clone()))
    }
}

#[tokio::test]
async fn actor_with_text_that_is_empty_or_too_long_is_401() {
    let long = "x".repeat(256);
    let many = (0..65).fold(Actor::new("ann"), |actor, n| {
        actor.with_role(format!("R{n}"))
    });
    for actor in [
        Actor::new(""),
        Actor::new(&long),
        Actor::new("ann").with_role(""),
        Actor::new("ann").with_role(&long),
        many,
    ] {
        let service = Service::new().mount(shipments().await);
        let api = Api::of(service.authenticator(Always(actor)));
        let answer = api.post_to(EVENTS, &[], created()).await;
        assert_eq!(kind(&answer), (StatusCode::UNAUTHORIZED, "unauthenticated"));
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("The actor cannot be used: "), "{detail}");
        let dry = api
            .post_to("/api/v1/shipment/validate", &[], created())
            .await;
        assert_eq!(dry.status, StatusCode::UNAUTHORIZED, "{}", dry.body);
    }
    let api = trusting().await;
    let (name, role) = ("y".repeat(255), "z".repeat(255));
    let roles = format!("SENDER, {role}");
    let headers = [("X-Actor", name.as_str()), ("X-Roles", roles.as_str())];
    let answer = api.post_to(EVENTS, &headers, created()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let headers = [("X-Actor", long.as_str()), ("X-Roles", "SENDER")];
    let answer = api.post_to(EVENTS, &headers, created()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
}
