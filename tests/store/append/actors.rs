//! Actors and their roles (C5, X17): the matrix of role, event and state.

use std::collections::BTreeMap;

use eventsource_core::{Actor, Error, Event, EventType, Retry, Role, State};
use eventsource_core::{EntityId, EventStore, Seq};
use serde::{Deserialize, Serialize};

use crate::support::database::Database;
use crate::support::shipments::{Party, ShipmentEvent, ShipmentEventType, acting_as, sender};

on_every_database! {
    append_by_role_event_and_state_matches_recorded_matrix,
    append_of_several_events_checks_role_of_each,
    auto_transition_needs_no_role,
    actor_and_roles_are_stored_in_metadata,
    append_by_wrong_actor_fails_without_statement,
    handle_after_wrong_actor_can_append_again,
}

/// Roles that may write each event, by the names of C5; an event that is missing is for anyone.
const ACTORS: &[(&str, &[&str])] = &[
    ("CREATED", &["SENDER"]),
    ("MANAGER_APPROVED", &["SENDER_MANAGER"]),
    ("OVERRIDE_APPLIED", &["SENDER_MANAGER"]),
    ("HOLD_FOR_REVIEW", &["SENDER_MANAGER", "SENDER_SUPERVISOR"]),
    ("SUPERVISOR_APPROVED", &["SENDER_SUPERVISOR"]),
    ("IN_TRANSIT", &["SYSTEM"]),
    ("RECEIVER_ACKNOWLEDGED", &["RECEIVER"]),
    ("WAREHOUSE_INTAKE", &["WAREHOUSE"]),
    ("OUT_FOR_DELIVERY", &["WAREHOUSE"]),
    ("DELIVERED", &["CUSTOMER"]),
];

#[derive(Deserialize)]
struct Recorded {
    allowed: BTreeMap<String, Vec<String>>,
}

fn recorded() -> BTreeMap<String, Vec<String>> {
    let recorded = include_str!("../../data/control_tower.json");
    let recorded: Recorded = serde_json::from_str(recorded).unwrap();
    recorded.allowed
}

fn event(name: &str) -> ShipmentEvent {
    let unit = format!("\"{}\"", pascal(name));
    serde_json::from_str(&unit).unwrap()
}

/// Turns `MANAGER_APPROVED` into `ManagerApproved`.
fn pascal(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{first}{}", rest.to_lowercase())
    });
    words.collect()
}

fn may(role: &str, event: &str) -> bool {
    let named = ACTORS.iter().find(|(name, _)| *name == event);
    named.is_none_or(|(_, roles)| roles.contains(&role))
}

/// Lists the events that lead from a new shipment to the state after an event.
fn path_to(name: &str) -> Vec<&'static str> {
    const MAIN: [&str; 8] = [
        "CREATED",
        "MANAGER_APPROVED",
        "SUPERVISOR_APPROVED",
        "IN_TRANSIT",
        "RECEIVER_ACKNOWLEDGED",
        "WAREHOUSE_INTAKE",
        "OUT_FOR_DELIVERY",
        "DELIVERED",
    ];
    match MAIN.iter().position(|event| *event == name) {
        Some(last) => MAIN[..=last].to_vec(),
        None => {
            let known = ACTORS.iter().find(|(event, _)| *event == name);
            vec!["CREATED", known.map_or("CANCELLED", |(event, _)| event)]
        }
    }
}

/// Actor with every role.
fn everyone() -> Actor {
    let all = Party::ALL.iter().copied();
    all.fold(Actor::new("all of them"), Actor::with_role)
}

async fn shipment_in(shipments: &EventStore<ShipmentEvent>, state: &str) -> EntityId {
    let path = path_to(state);
    let first = shipments.create(event(path[0])).by(everyone());
    let append = path[1..]
        .iter()
        .fold(first, |append, name| append.event(event(name)));
    append.await.unwrap().entity_id()
}

/// Tries 12 states x 11 events x 8 roles, no role, and no actor at all.
async fn append_by_role_event_and_state_matches_recorded_matrix(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let mut cells = (0, 0, 0);
    for (state, allowed) in recorded() {
        let is_new = state == "NONE";
        let mut stock: Option<EntityId> = None;
        for event_type in ShipmentEventType::ALL {
            let name = event_type.name();
            let legal = allowed.iter().any(|event| event == name);
            let roles = Party::ALL.iter().map(|role| Some(role.to_string()));
            let nobody = [None, Some(String::new())];
            for role in roles.chain(nobody) {
                let cell = format!("{state} x {name} x {role:?}");
                let id = match (is_new, stock) {
                    (true, _) => None,
                    (false, Some(id)) => Some(id),
                    (false, None) => Some(shipment_in(&shipments, &state).await),
                };
                stock = id;
                let append = match id {
                    Some(id) => shipments.append(id, event(name)),
                    None => shipments.create(event(name)),
                };
                let (append, role) = match role {
                    None => (append, String::new()),
                    Some(role) if role.is_empty() => (append.by("ann"), role),
                    Some(role) => (append.by(Actor::new("ann").with_role(&role)), role),
                };
                match (append.await, may(&role, name), legal) {
                    (Ok(appended), true, true) => {
                        assert_eq!(appended.last().event, event(name), "{cell}");
                        // It is in another state now.
                        stock = None;
                        cells.0 += 1;
                    }
                    (
                        Err(Error::ActorNotAllowed {
                            event_type, actual, ..
                        }),
                        false,
                        _,
                    ) => {
                        assert_eq!(event_type, name, "{cell}");
                        assert_eq!(actual.concat(), role, "{cell}");
                        cells.1 += 1;
                    }
                    (Err(Error::Rejected { .. }), true, false) => cells.2 += 1,
                    (answer, role, state) => {
                        panic!("{cell}: role {role}, state {state}, but {answer:?}")
                    }
                }
            }
        }
        assert_eq!(
            allowed.is_empty(),
            ["DELIVERED", "CANCELLED"].contains(&&*state)
        );
    }
    assert_eq!(cells.0 + cells.1 + cells.2, 12 * 11 * 10);
    assert!(cells.0 > 40 && cells.1 > 900 && cells.2 > 100, "{cells:?}");
}

async fn append_of_several_events_checks_role_of_each(database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let created = shipments.create(ShipmentEvent::Created).by(sender());
    let other = created.await.unwrap().entity_id();
    let both = sender().with_role(Party::SenderManager);

    // `then`, `also` and `create`: what one may is not what all may.
    for actor in [sender(), acting_as(Party::SenderManager)] {
        let refused = [
            shipments
                .create(ShipmentEvent::Created)
                .event(ShipmentEvent::ManagerApproved),
            shipments
                .create(ShipmentEvent::Created)
                .append(other, ShipmentEvent::ManagerApproved),
            shipments
                .append(other, ShipmentEvent::ManagerApproved)
                .create(ShipmentEvent::Created),
        ];
        for append in refused {
            let error = append.by(&actor).await.unwrap_err();
            assert!(matches!(error, Error::ActorNotAllowed { .. }), "{error:?}");
            assert_eq!(error.retry(), Retry::Never);
        }
    }
    let then = shipments
        .create(ShipmentEvent::Created)
        .event(ShipmentEvent::ManagerApproved);
    let appended = then
        .append(other, ShipmentEvent::ManagerApproved)
        .by(&both)
        .await
        .unwrap();
    assert_eq!(appended.events.len(), 3);

    let error = shipments
        .append(other, ShipmentEvent::HoldForReview)
        .by(sender())
        .await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "Event type 'HOLD_FOR_REVIEW' needs one of the roles SENDER_MANAGER, SENDER_SUPERVISOR; the \
         actor's roles: SENDER"
    );
    let head = shipments.head(other).await.unwrap().unwrap();
    let names = |actor: &Actor| -> Vec<&str> {
        head.available_to(actor)
            .into_iter()
            .map(EventType::name)
            .collect()
    };
    assert_eq!(names(&sender()), ["CANCELLED"]);
    assert_eq!(
        names(&acting_as(Party::SenderManager)),
        ["OVERRIDE_APPLIED", "HOLD_FOR_REVIEW", "CANCELLED"]
    );
    assert_eq!(head.available_to(&everyone()), head.available());
}

/// Machine whose auto transition closes what no role of the caller could.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "case", roles = Party, typestate)]
pub enum CaseEvent {
    #[event(by(Sender))]
    Opened,
    #[event(follows = Opened, by(Customer))]
    Answered,
    #[event(follows = Answered, auto_transition, terminal)]
    Closed,
}

async fn auto_transition_needs_no_role(database: &Database) {
    let cases = database.events::<CaseEvent>().await;
    let created = cases.create(CaseEvent::Opened).by(sender()).await.unwrap();
    let answered = cases.append(created.entity_id(), CaseEvent::Answered);
    let answered = answered.by(acting_as(Party::Customer)).await.unwrap();
    assert_eq!(answered.last().event, CaseEvent::Closed);
    assert_eq!(answered.last().metadata.roles, ["CUSTOMER"]);
}

async fn actor_and_roles_are_stored_in_metadata(database: &Database) {
    let cases = database.events::<CaseEvent>().await;
    let actor = sender().with_role("DRIVER").with_role(Party::Carrier);
    // Without a key, and with one.
    let id = cases
        .create(CaseEvent::Opened)
        .by(&actor)
        .await
        .unwrap()
        .entity_id();
    let with_key = cases
        .create(CaseEvent::Opened)
        .by(&actor)
        .idempotency_key("request");
    let other = with_key.await.unwrap().entity_id();
    for id in [id, other] {
        let history = cases.history(id).await.unwrap();
        assert_eq!(history[0].metadata.actor.as_deref(), Some("ann"));
        assert_eq!(history[0].metadata.roles, ["CARRIER", "DRIVER", "SENDER"]);
    }
    let pool = database.sql().await;
    let text: String = sqlx::query_scalar("SELECT CAST(metadata AS text) FROM case_event")
        .fetch_one(&pool)
        .await
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        metadata["roles"],
        serde_json::json!(["CARRIER", "DRIVER", "SENDER"])
    );
    let nul = cases
        .create(CaseEvent::Opened)
        .by(sender().with_role("\0"))
        .await
        .unwrap_err();
    assert_eq!(
        nul.to_string(),
        "a role of the actor has the character U+0000"
    );
}

/// Closes the store first: a statement would fail with another error.
async fn append_by_wrong_actor_fails_without_statement(database: &Database) {
    database.events::<ShipmentEvent>().await;
    let store = database.another_store().await;
    let shipments = store.open::<ShipmentEvent>().await.unwrap();
    store.close().await;
    let asked = shipments
        .create(ShipmentEvent::Created)
        .by(sender())
        .await
        .unwrap_err();
    assert!(matches!(asked, Error::Unavailable { .. }), "{asked:?}");
    let refused = shipments.create(ShipmentEvent::Created).await.unwrap_err();
    let Error::ActorNotAllowed {
        event_type,
        allowed,
        actual,
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(
        (&*event_type, &*allowed[0], actual.len()),
        ("CREATED", "SENDER", 0)
    );
}

async fn handle_after_wrong_actor_can_append_again(database: &Database) {
    let cases = database.events::<CaseEvent>().await;
    let case = CaseHandle::new(EntityId::new()).opened();
    let refused = case
        .append(&cases)
        .by(acting_as(Party::Customer))
        .await
        .unwrap_err();
    assert!(matches!(refused.error(), Error::ActorNotAllowed { .. }));
    let case = refused
        .into_handle()
        .append(&cases)
        .by(sender())
        .await
        .unwrap();
    assert_eq!(case.seq(), Seq::new(1));
    assert_ne!(case.state(), State::EMPTY);
}
