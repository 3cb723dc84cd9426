//! Table of all routes of a service: a route that is not in it fails the test.

use std::collections::BTreeSet;

use axum::http::Method;

use super::claims::{EVERYBODY, World};

/// How a route is guarded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guard {
    /// Reads of a machine go through the reader: cells in `reads`.
    Read,
    /// Appends: cells in `writes`.
    Write,
    /// Rules, documents and health: nothing of any entity.
    Open,
}

/// Routes of one machine, below `/api/v1/`; `{m}` is the entity type.
pub const OF_A_MACHINE: [(&str, &str, Guard); 11] = [
    ("GET", "{m}_event", Guard::Read),
    ("POST", "{m}_event", Guard::Write),
    ("GET", "{m}_event/{id}", Guard::Read),
    ("GET", "{m}_event/stream", Guard::Read),
    ("GET", "{m}", Guard::Read),
    ("POST", "{m}/validate", Guard::Read),
    ("GET", "{m}/{id}", Guard::Read),
    ("POST", "{m}/{id}/{m}_event", Guard::Write),
    ("GET", "{m}/{id}/history", Guard::Read),
    ("GET", "{m}/{id}/stream", Guard::Read),
    ("GET", "machine/{m}", Guard::Open),
];

/// Routes of the commands of claims.
const OF_COMMANDS: [(&str, &str, Guard); 2] = [
    ("POST", "/api/v1/claim/{id}/command/{name}", Guard::Write),
    ("POST", "/api/v1/claim/command/{name}", Guard::Write),
];

/// Other routes.
const OF_THE_SERVICE: [(&str, &str, Guard); 4] = [
    ("GET", "/api/v1/machine", Guard::Open),
    ("GET", "/api/openapi.json", Guard::Open),
    ("GET", "/api/health", Guard::Open),
    ("GET", "/api/ready", Guard::Open),
];

/// Beginnings of the paths of rules and documents, which depend on features.
const DOCUMENTS: [&str; 4] = ["/api/v1/machine/", "/api/docs", "/metrics", "/{*"];

fn table() -> Vec<(&'static str, String, Guard)> {
    let mut table: Vec<_> = OF_THE_SERVICE
        .into_iter()
        .chain(OF_COMMANDS)
        .map(|(method, path, guard)| (method, path.to_owned(), guard))
        .collect();
    for machine in ["claim", "notice"] {
        for (method, path, guard) in OF_A_MACHINE {
            let path = format!("/api/v1/{}", path.replace("{m}", machine));
            table.push((method, path, guard));
        }
    }
    table
}

/// Lists the paths of the router, which axum shows for debugging only.
fn routed(world: &World) -> BTreeSet<String> {
    let router = format!("{:?}", world.api.router());
    let texts = router.split('"').skip(1).step_by(2);
    texts
        // The path of the fallback is shown as `/`.
        .filter(|text| text.starts_with('/') && *text != "/")
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_route_is_in_the_table() {
    let world = World::new().await;
    let routed = routed(&world);
    assert!(routed.len() > 20, "{routed:?}");
    let listed: BTreeSet<String> = table().into_iter().map(|(_, path, _)| path).collect();
    let documents = |path: &&String| DOCUMENTS.iter().any(|known| path.starts_with(known));
    let unlisted: Vec<_> = routed
        .difference(&listed)
        .filter(|path| !documents(path))
        .collect();
    assert!(unlisted.is_empty(), "say who may read {unlisted:?}");
    let gone: Vec<_> = listed.difference(&routed).collect();
    assert!(gone.is_empty(), "{gone:?}");
    assert_eq!(world.api.get("/").await.status.as_u16(), 404);
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let world = World::new().await;
    let table = table();
    for (_, path, guard) in &table {
        if *guard == Guard::Open {
            continue;
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if table
                .iter()
                .any(|(known, of, _)| of == path && *known == method)
            {
                continue;
            }
            let path = path
                .replace("{id}", &uuid::Uuid::now_v7().to_string())
                .replace("{name}", "reassign");
            for who in EVERYBODY {
                let method: Method = method.parse().unwrap();
                let headers = who.headers();
                let answer = world.api.call(method, &path, headers, String::new()).await;
                let status = answer.status.as_u16();
                // `task/validate` is an id for `GET`, and the route of an entity is not of an event.
                assert!([401, 403, 404, 405].contains(&status), "{path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn rules_and_documents_show_no_entity() {
    let world = World::new().await;
    let paths: Vec<String> = routed(&world)
        .into_iter()
        .filter(|path| path.starts_with("/api/v1/machine") || path.starts_with("/api/openapi"))
        .collect();
    for who in EVERYBODY {
        for path in &paths {
            let answer = world.api.get_with(path, who.headers()).await;
            assert!(!answer.text.contains("secret-"), "{path}");
        }
    }
    let rules = world.api.get("/api/v1/machine/claim").await.body;
    assert_eq!(rules["readBy"], serde_json::json!(["CLERK", "AUDITOR"]));
    let flagged = &rules["events"][3];
    assert_eq!(
        (&flagged["eventType"], &flagged["internal"]),
        (&"FLAGGED".into(), &true.into())
    );
    let document = world.api.get("/api/openapi.json").await.body;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.contains_key("ClaimFlagged") && !schemas.contains_key("NewClaimFlagged"));
    let search = &document["paths"]["/api/v1/claim_event"]["get"];
    assert_eq!(search["security"], serde_json::json!([{"bearer": []}]));
    assert!(search["responses"].get("403").is_some() && search["responses"].get("401").is_some());
    let public = &document["paths"]["/api/v1/notice_event"]["get"];
    assert_eq!(public["security"], serde_json::json!([{"bearer": []}, {}]));
}
