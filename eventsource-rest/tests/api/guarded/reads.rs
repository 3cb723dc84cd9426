//! Every read by every client: the status, and whose texts are in the answer.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use super::claims::{ClaimEvent, EVERYBODY, Entity, Who, World, secret};
use super::routes::{Guard, OF_A_MACHINE};
use crate::client::Answer;
use crate::streams::Client;

/// Returns the secret texts of an answer, in its headers too.
fn secrets(answer: &Answer) -> BTreeSet<String> {
    let words = answer
        .text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let secrets = words.filter(|word| word.starts_with("secret-"));
    secrets.map(str::to_owned).collect()
}

/// Events of a list, each with its envelope.
fn assert_envelopes(events: &[Value], who: Who) {
    for event in events {
        let event_type = event["eventType"].as_str().unwrap();
        assert!(event["sequence"].is_u64() && event["metadata"].is_object());
        let is_hidden = event.get("unreadable").is_some();
        assert_eq!(is_hidden, !who.may_see(event_type), "{who:?}: {event}");
    }
}

/// The paths of a route to read, each with the entities that it may show.
fn cells<'a>(world: &'a World, machine: &str, route: &str) -> Vec<(String, Vec<&'a Entity>, bool)> {
    let path = format!("/api/v1/{}", route.replace("{m}", machine));
    let all: Vec<_> = world.of(machine).collect();
    if !route.contains("{id}") {
        return vec![(path, all, false)];
    }
    let mut cells = Vec::new();
    for entity in all {
        if route == "{m}_event/{id}" {
            for event in &entity.events {
                cells.push((path.replace("{id}", &event.id), vec![entity], true));
            }
        } else {
            cells.push((
                path.replace("{id}", &entity.id.to_string()),
                vec![entity],
                true,
            ));
        }
    }
    cells
}

#[tokio::test]
async fn reads_show_every_client_what_it_may_see() {
    let world = World::new().await;
    let mut seen = 0;
    for machine in ["claim", "notice"] {
        for (method, route, guard) in OF_A_MACHINE {
            if guard != Guard::Read || method != "GET" || route.ends_with("stream") {
                continue;
            }
            for who in EVERYBODY {
                for (path, entities, is_one) in cells(&world, machine, route) {
                    assert_cell(&world, who, machine, route, &path, &entities, is_one).await;
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 200, "{seen} cells");
}

async fn assert_cell(
    world: &World,
    who: Who,
    machine: &str,
    route: &str,
    path: &str,
    entities: &[&Entity],
    is_one: bool,
) {
    let cell = format!("{who:?} {path}");
    let answer = world.api.get_with(path, who.headers()).await;
    let head = world
        .api
        .call(Method::HEAD, path, who.headers(), String::new())
        .await;
    assert_eq!(head.status, answer.status, "{cell}");
    assert_eq!(
        head.header("x-total-count"),
        answer.header("x-total-count"),
        "{cell}"
    );
    let readable: Vec<_> = entities
        .iter()
        .filter(|entity| who.may_read(entity))
        .collect();
    let expected = match who.refusal(machine) {
        Some(refusal) => refusal,
        None if is_one && readable.is_empty() => 404,
        None => 200,
    };
    assert_eq!(answer.status.as_u16(), expected, "{cell}: {}", answer.text);
    if expected != 200 {
        assert!(secrets(&answer).is_empty(), "{cell}");
        assert!(answer.header("etag").is_empty() && answer.header("x-total-count").is_empty());
        // Neither does a condition tell that it exists.
        for (name, value) in [("If-None-Match", "*"), ("If-None-Match", "\"4\"")] {
            let mut headers = who.headers().to_vec();
            headers.push((name, value));
            let conditional = world.api.get_with(path, &headers).await;
            assert_eq!(conditional.status.as_u16(), expected, "{cell} {value}");
        }
        return;
    }
    let mut visible: BTreeSet<String> = readable
        .iter()
        .flat_map(|entity| entity.visible(who))
        .collect();
    if route == "{m}" {
        // Heads show no fields.
        visible.clear();
        assert_eq!(answer.body["count"], readable.len(), "{cell}");
        assert_eq!(
            answer.body["items"].as_array().unwrap().len(),
            readable.len()
        );
    }
    if route == "{m}_event/{id}" {
        let id = path.rsplit('/').next().unwrap();
        let event = entities[0]
            .events
            .iter()
            .find(|event| event.id == id)
            .unwrap();
        visible.retain(|text| *text == event.secret);
        assert_envelopes(std::slice::from_ref(&answer.body), who);
    }
    if route == "{m}_event" {
        let events: usize = readable.iter().map(|entity| entity.events.len()).sum();
        assert_eq!(answer.body["count"], events, "{cell}");
        assert_envelopes(answer.body["items"].as_array().unwrap(), who);
    }
    if route.ends_with("history") {
        let events = answer.body.as_array().unwrap();
        let sequences: Vec<_> = events
            .iter()
            .map(|event| event["sequence"].as_u64().unwrap())
            .collect();
        let all: Vec<_> = (1..=readable[0].events.len() as u64).collect();
        assert_eq!(sequences, all, "{cell}: no hole");
        assert_envelopes(events, who);
    }
    if route == "{m}/{id}" {
        let next = answer.body["nextEvents"].to_string();
        assert!(
            !next.contains("FLAGGED") && !next.contains("PINNED"),
            "{cell}"
        );
        let data = answer.body["data"].as_object().unwrap();
        for (field, fed_by) in [
            ("rating", "RATED"),
            ("noting", "NOTED"),
            ("reviewing", "REVIEWED"),
        ] {
            let has = machine
                == if field == "reviewing" {
                    "notice"
                } else {
                    "claim"
                };
            assert_eq!(
                data.contains_key(field),
                has && who.may_see(fed_by),
                "{cell} {field}"
            );
        }
        assert_entity(world, who, path, readable[0]).await;
    }
    assert_eq!(secrets(&answer), visible, "{cell}");
}

/// Earlier points and conditions.
async fn assert_entity(world: &World, who: Who, path: &str, entity: &Entity) {
    for (seq, event) in (1..).zip(&entity.events) {
        let then = world
            .api
            .get_with(&format!("{path}?asOf={seq}"), who.headers())
            .await;
        let expected = who.may_see(event.event_type);
        assert_eq!(
            secrets(&then).contains(&event.secret),
            expected,
            "{who:?} {path} {seq}"
        );
    }
    let mut headers = who.headers().to_vec();
    headers.push(("If-None-Match", "*"));
    let unchanged = world.api.get_with(path, &headers).await;
    assert_eq!(unchanged.status.as_u16(), 304);
}

#[tokio::test]
async fn searches_by_what_a_client_may_not_see_are_refused() {
    let world = World::new().await;
    for who in EVERYBODY {
        for (machine, field, fed_by) in [
            ("claim", "rating", "RATED"),
            ("claim", "noting", "NOTED"),
            ("claim", "flagging", "FLAGGED"),
            ("claim", "opening", "OPENED"),
            ("notice", "reviewing", "REVIEWED"),
            ("notice", "posting", "POSTED"),
        ] {
            let entity = world.of(machine).next().unwrap();
            let event = entity
                .events
                .iter()
                .find(|event| event.event_type == fed_by)
                .unwrap();
            let path = format!("/api/v1/{machine}?data.{field}={}", event.secret);
            let answer = world.api.get_with(&path, who.headers()).await;
            let expected = match who.refusal(machine) {
                Some(refusal) => refusal,
                None if !who.may_see(fed_by) => 403,
                None => 200,
            };
            assert_eq!(answer.status.as_u16(), expected, "{who:?} {field}");
            if expected == 200 {
                let found = usize::from(who.may_read(entity));
                assert_eq!(answer.body["count"], found, "{who:?} {field}");
            }
        }
    }
}

#[tokio::test]
async fn dry_runs_start_from_what_a_client_may_read() {
    let world = World::new().await;
    for who in EVERYBODY {
        for entity in &world.entities {
            let machine = entity.machine;
            let id = format!("{machine}Id");
            let body = json!({ (id): entity.id.to_string(), "events": [
                {"eventType": if machine == "claim" { "FLAGGED" } else { "PINNED" },
                 (if machine == "claim" { "flagging" } else { "pinning" }): "x"},
            ]});
            let path = format!("/api/v1/{machine}/validate");
            let answer = world.api.post_to(&path, who.headers(), body).await;
            let expected = who.refusal(machine).unwrap_or(200);
            assert_eq!(answer.status.as_u16(), expected, "{who:?} {path}");
            if expected != 200 {
                continue;
            }
            // No client may append it, whatever the state is.
            assert_eq!(answer.body["legal"], false);
            let problem = &answer.body["events"][0]["problem"];
            assert_eq!(problem["type"], "/problems/internal-event");
            // An entity that may not be read is as if it did not exist.
            let state = answer.body["state"].as_array().unwrap();
            assert_eq!(state.is_empty(), !who.may_read(entity), "{who:?}");
        }
    }
}

/// Reads a stream to the end of what is stored, and then a new event.
#[tokio::test]
async fn streams_show_every_client_what_it_may_see() {
    let world = World::new().await;
    for who in EVERYBODY {
        for machine in ["claim", "notice"] {
            let mut paths = vec![(
                format!("/api/v1/{machine}_event/stream"),
                world.of(machine).collect::<Vec<_>>(),
            )];
            for entity in world.of(machine) {
                paths.push((
                    format!("/api/v1/{machine}/{}/stream", entity.id),
                    vec![entity],
                ));
            }
            for (path, entities) in paths {
                let readable: Vec<_> = entities
                    .iter()
                    .filter(|entity| who.may_read(entity))
                    .collect();
                let expected = match who.refusal(machine) {
                    Some(refusal) => refusal,
                    None if entities.len() == 1 && readable.is_empty() && machine == "claim" => 404,
                    None => 200,
                };
                if expected != 200 {
                    let answer = world.api.get_with(&path, who.headers()).await;
                    assert_eq!(answer.status.as_u16(), expected, "{who:?} {path}");
                    continue;
                }
                let mut client = Client::open(&world.api, &path, who.headers()).await;
                let count: usize = readable.iter().map(|entity| entity.events.len()).sum();
                let mut events = Vec::new();
                for _ in 0..count {
                    events.push(client.event().await.1);
                }
                assert_envelopes(&events, who);
                let text = json!(events).to_string();
                for entity in &world.entities {
                    for event in &entity.events {
                        let shown = text.contains(&event.secret);
                        let may = readable.iter().any(|own| own.id == entity.id)
                            && who.may_see(event.event_type);
                        assert_eq!(shown, may, "{who:?} {path} {}", event.event_type);
                    }
                }
            }
        }
    }
}

/// A stream that is open while others append what its reader may not see.
#[tokio::test]
async fn open_stream_shows_no_new_event_that_its_reader_may_not_see() {
    let world = World::new().await;
    let ann = Who::Owner("ann");
    let own = world
        .of("claim")
        .find(|claim| claim.owner == Some("ann"))
        .unwrap();
    let other = world
        .of("claim")
        .find(|claim| claim.owner == Some("bob"))
        .unwrap();
    let mut all = Client::open(&world.api, "/api/v1/claim_event/stream", ann.headers()).await;
    let path = format!("/api/v1/claim/{}/stream", own.id);
    let mut one = Client::open(&world.api, &path, ann.headers()).await;
    for _ in 0..own.events.len() {
        all.event().await;
        one.event().await;
    }
    // Both are live now, or will be: what comes next is read or received.
    for round in 0..3 {
        let (hidden, shown) = (secret("rating"), secret("noting"));
        let claims = world.claims.clone();
        let (own_id, other_id) = (own.id, other.id);
        let rating = hidden.clone();
        let writer = tokio::spawn(async move {
            let auditor = eventsource_core::Actor::new("auditor").with_role("AUDITOR");
            let noting = |noting: String| ClaimEvent::Noted { noting };
            claims
                .append(other_id, noting("of bob".to_owned()))
                .await
                .unwrap();
            let rated = ClaimEvent::Rated { rating };
            claims.append(own_id, rated).by(auditor).await.unwrap();
        });
        let noted = json!({"eventType": "NOTED", "noting": shown});
        writer.await.unwrap();
        let path = format!("/api/v1/claim/{}/claim_event", own.id);
        let answer = world.api.post_to(&path, ann.headers(), noted).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
        for stream in [&mut all, &mut one] {
            let (_, rated) = stream.event().await;
            assert_eq!(rated["eventType"], "RATED", "round {round}");
            assert!(rated.get("unreadable").is_some() && !rated.to_string().contains(&hidden));
            let (_, noted) = stream.event().await;
            assert_eq!(noted["noting"], shown.as_str());
        }
    }
    // The claim goes to bob: no event of it is shown any more, and its own stream ends.
    let clerk = eventsource_core::Actor::new("clerk").with_role("CLERK");
    let reassigned = ClaimEvent::Reassigned {
        owner: "bob".to_owned(),
    };
    world
        .claims
        .append(own.id, reassigned)
        .by(&clerk)
        .await
        .unwrap();
    while let Some(frame) = one.frame().await {
        assert!(!frame.contains("REASSIGNED"), "{frame}");
    }
    let fresh = ClaimEvent::Opened {
        owner: "ann".to_owned(),
        opening: secret("opening"),
    };
    let fresh = world
        .claims
        .append(eventsource_core::EntityId::new(), fresh)
        .by(&clerk);
    let fresh = fresh.await.unwrap();
    let (_, next) = all.event().await;
    assert_eq!(next["id"], fresh.first().id.to_string());
}
