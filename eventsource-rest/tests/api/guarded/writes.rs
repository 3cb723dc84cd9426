//! Every append by every client: the status, and what the answer tells.

use axum::http::Method;
use serde_json::{Value, json};

use super::claims::{EVERYBODY, Entity, Who, World, secret};

/// Events that are sent, each with the roles that may append it; `None` if everybody may.
fn sent(machine: &str) -> Vec<(&'static str, &'static str, Option<&'static [Who]>)> {
    const CLERKS: &[Who] = &[Who::Clerk, Who::Owner("ann"), Who::Owner("bob")];
    match machine {
        "claim" => vec![
            ("RATED", "rating", Some(&[Who::Auditor, Who::Sensor])),
            ("NOTED", "noting", None),
            ("FLAGGED", "flagging", None),
            ("REASSIGNED", "owner", Some(CLERKS)),
            ("CLOSED", "approving", None),
        ],
        _ => vec![
            ("POSTED", "posting", None),
            ("REVIEWED", "reviewing", None),
            ("PINNED", "pinning", None),
        ],
    }
}

/// What the rules say of an append, without a look at the machine.
fn expected(who: Who, entity: &Entity, event_type: &str, by: Option<&[Who]>) -> u16 {
    let is_internal = matches!(event_type, "FLAGGED" | "PINNED");
    let is_closed = entity
        .events
        .iter()
        .any(|event| event.event_type == "CLOSED");
    let is_legal = !matches!(event_type, "CLOSED" | "POSTED") && !is_closed;
    let is_hidden = who.refusal(entity.machine).is_none() && !who.may_read(entity);
    match who {
        Who::Forger => 401,
        Who::Nobody if by.is_some() => 401,
        _ if is_internal => 403,
        _ if is_hidden => 404,
        _ if by.is_some_and(|by| !by.contains(&who)) || !is_legal => 403,
        _ => 201,
    }
}

#[tokio::test]
async fn appends_tell_every_client_what_it_may_read() {
    let world = World::new().await;
    for who in EVERYBODY {
        for entity in &world.entities {
            for (event_type, field, by) in sent(entity.machine) {
                for in_path in [true, false] {
                    assert_append(&world, who, entity, event_type, field, by, in_path).await;
                }
            }
        }
    }
}

async fn assert_append(
    world: &World,
    who: Who,
    entity: &Entity,
    event_type: &str,
    field: &str,
    by: Option<&[Who]>,
    in_path: bool,
) {
    let (machine, id) = (entity.machine, entity.id.to_string());
    let value = match (field, entity.owner) {
        ("owner", Some(owner)) => owner.to_owned(),
        _ => secret(field),
    };
    let mut body = json!({ "eventType": event_type, (field): value });
    let path = match in_path {
        true => format!("/api/v1/{machine}/{id}/{machine}_event"),
        false => {
            body[format!("{machine}Id")] = json!(id);
            format!("/api/v1/{machine}_event")
        }
    };
    let cell = format!("{who:?} {event_type} {path} of {:?}", entity.owner);
    let key = uuid::Uuid::now_v7().to_string();
    let mut headers = who.headers().to_vec();
    headers.push(("Idempotency-Key", &key));
    let reads_machine = who.refusal(machine).is_none();
    for replayed in [false, true] {
        let answer = world.api.post_to(&path, &headers, body.clone()).await;
        let expected = expected(who, entity, event_type, by);
        assert_eq!(answer.status.as_u16(), expected, "{cell}: {}", answer.text);
        if expected == 201 {
            let is_repeat = answer.header("idempotency-replayed") == "true";
            assert_eq!(is_repeat, replayed, "{cell}");
            assert_answer(
                &cell,
                who,
                &answer.body,
                event_type,
                field,
                &value,
                reads_machine,
            );
            assert_eq!(answer.header("etag").is_empty(), !reads_machine, "{cell}");
        } else {
            assert_refusal(&cell, &answer.body, reads_machine);
            break;
        }
    }
    // A condition that fails tells how many events there are only to those who may know.
    headers.push(("If-Match", "\"99\""));
    let unlike = uuid::Uuid::now_v7().to_string();
    headers[who.headers().len()].1 = &unlike;
    let answer = world
        .api
        .call(Method::POST, &path, &headers, body.to_string())
        .await;
    if answer.status.as_u16() == 412 {
        assert_eq!(answer.body.get("actual").is_some(), reads_machine, "{cell}");
        assert_refusal(&cell, &answer.body, reads_machine);
    } else {
        assert!(
            [401, 403, 404].contains(&answer.status.as_u16()),
            "{cell}: {}",
            answer.text
        );
    }
}

fn assert_answer(
    cell: &str,
    who: Who,
    body: &Value,
    event_type: &str,
    field: &str,
    value: &str,
    reads_machine: bool,
) {
    assert_eq!(body["eventType"], event_type, "{cell}");
    assert_eq!(body.get("sequence").is_some(), reads_machine, "{cell}");
    let sees = reads_machine && who.may_see(event_type);
    let expected = if sees { json!(value) } else { Value::Null };
    assert_eq!(body[field], expected, "{cell}");
    assert_eq!(
        body.get("unreadable").is_some(),
        reads_machine && !sees,
        "{cell}"
    );
}

/// A refusal tells the state of the entity only to those who may read it, and offers no internal event.
fn assert_refusal(cell: &str, body: &Value, reads_machine: bool) {
    if !reads_machine {
        for member in ["state", "legal"] {
            assert_eq!(body.get(member), None, "{cell}: {body}");
        }
        let detail = body["detail"].as_str().unwrap_or_default();
        assert!(
            !detail.contains("[OPENED]") && !detail.contains("events"),
            "{cell}: {detail}"
        );
    }
    let legal = body["legal"].to_string();
    assert!(
        !legal.contains("FLAGGED") && !legal.contains("PINNED"),
        "{cell}: {legal}"
    );
}

#[tokio::test]
async fn list_with_an_internal_event_stores_nothing() {
    let world = World::new().await;
    let claim = world.of("claim").next().unwrap();
    let path = format!("/api/v1/claim/{}/claim_event", claim.id);
    let list = json!([
        {"eventType": "NOTED", "noting": "x"},
        {"eventType": "FLAGGED", "flagging": "x"},
    ]);
    let answer = world.api.post_to(&path, Who::Clerk.headers(), list).await;
    assert_eq!(answer.status.as_u16(), 403);
    assert_eq!(answer.body["type"], "/problems/internal-event");
    assert_eq!(answer.body["event"], "FLAGGED");
    let history = format!("/api/v1/claim/{}/history", claim.id);
    let stored = world.api.get_with(&history, Who::Clerk.headers()).await;
    assert_eq!(stored.body.as_array().unwrap().len(), claim.events.len());
}

#[tokio::test]
async fn commands_tell_every_client_what_it_may_read() {
    let world = World::new().await;
    for who in EVERYBODY {
        for entity in world.of("claim") {
            let is_closed = entity
                .events
                .iter()
                .any(|event| event.event_type == "CLOSED");
            let reads = who.refusal("claim").is_none();
            let expected = match who {
                Who::Forger => 401,
                _ if reads && !who.may_read(entity) => 404,
                _ if is_closed => 422,
                Who::Clerk | Who::Owner(_) => 200,
                Who::Nobody => 401,
                _ => 403,
            };
            let path = format!("/api/v1/claim/{}/command/reassign", entity.id);
            let body = json!({ "owner": entity.owner });
            let answer = world.api.post_to(&path, who.headers(), body).await;
            let cell = format!("{who:?} of {:?}: {}", entity.owner, answer.text);
            assert_eq!(answer.status.as_u16(), expected, "{cell}");
            if expected == 422 {
                let owner = &answer.body["refusal"]["owner"];
                assert_eq!(owner.is_null(), !reads, "{cell}");
                assert_eq!(answer.text.contains("bob"), reads, "{cell}");
            }
            if expected != 200 {
                assert_refusal(&cell, &answer.body, reads);
            }
        }
    }
}
