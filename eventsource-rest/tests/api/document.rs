//! The OpenAPI document, the rules as JSON, and the page that shows them.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use eventsource_core::model::Machine;
use eventsource_core::{Event, EventType};
use serde_json::Value;
use tasks::{TaskEvent, TaskEventType};

use crate::client::Api;

#[tokio::test]
async fn openapi_document_of_task_list_matches_snapshot() {
    let document = Api::new().await.get("/api/openapi.json").await;
    assert_eq!(document.header("content-type"), "application/json");
    insta::assert_json_snapshot!("openapi", document.body);
}

/// The document has exactly the paths that the service serves.
#[tokio::test]
async fn every_openapi_operation_is_served_and_has_unique_id() {
    let api = Api::new().await;
    let document = api.get("/api/openapi.json").await.body;
    let mut names = std::collections::BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} twice");
            if path.ends_with("/stream") {
                // Has no end to wait for.
                continue;
            }
            let path = path.replace("{id}", "0197a3e0-0000-7000-8000-000000000000");
            let method = method.to_uppercase().parse().unwrap();
            let answer = api.call(method, &path, &[], String::new()).await;
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            let nowhere = "The requested URL was not found on the server.";
            assert_ne!(answer.body["detail"], nowhere, "{path}");
        }
    }
    assert!(names.len() >= 20, "{names:?}");
}

/// What is not in the document is in this list, so that no route is open and unknown.
#[tokio::test]
async fn every_route_is_in_openapi_document_or_listed() {
    let api = Api::new().await;
    let document = api.get("/api/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap();
    let mut known: BTreeSet<String> = paths.keys().cloned().collect();
    let others = ["/api/openapi.json", "/api/v1/machine/{*unknown}"];
    known.extend(others.map(str::to_owned));
    #[cfg(feature = "metrics")]
    known.insert("/metrics".to_owned());
    #[cfg(feature = "docs")]
    known.extend(["/api/docs", "/api/docs/", "/api/docs/{name}"].map(str::to_owned));
    assert_eq!(api.routes(), known);
}

#[tokio::test]
async fn machine_json_has_rules_states_and_transitions() {
    let rules = Api::new().await.get("/api/v1/machine/task").await.body;
    let machine: &Machine = TaskEvent::MACHINE;
    let strings = |value: &Value| -> Vec<String> {
        let list = value.as_array().unwrap().iter();
        list.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules["fingerprint"], machine.fingerprint().to_string());
    for event_type in TaskEventType::ALL {
        let rule = &rules["events"][event_type.index().get()];
        assert_eq!(rule["eventType"], event_type.name());
        assert_eq!(rule["initial"], event_type.is_initial());
        // What the clauses say of each state is what the machine says.
        for state in TaskEventType::all_states() {
            let has = |name: &String| state.contains(name.parse().unwrap());
            let legal = rule["clauses"].as_array().unwrap().iter().any(|clause| {
                strings(&clause["all"]).iter().all(has) && !strings(&clause["none"]).iter().any(has)
            });
            assert_eq!(
                legal,
                event_type.may_follow(state),
                "{event_type} in {state}"
            );
        }
    }
    assert_eq!(rules["complete"], true);
    let states = rules["states"].as_array().unwrap();
    // The empty one too.
    assert_eq!(states.len(), TaskEventType::all_states().len() + 1);
    let transitions = rules["transitions"].as_array().unwrap();
    let initial = TaskEventType::initial_states().len();
    let all = initial + TaskEventType::all_transitions().len();
    assert_eq!(transitions.len(), all);
}

#[tokio::test]
async fn machine_picture_has_three_formats_and_unknown_machine_is_404() {
    let api = Api::new().await;
    for (ending, media, beginning) in [
        ("svg", "image/svg+xml", "<svg"),
        ("mmd", "text/vnd.mermaid; charset=utf-8", "flowchart TD"),
        ("dot", "text/vnd.graphviz; charset=utf-8", "digraph"),
    ] {
        let picture = api.get(&format!("/api/v1/machine/task.{ending}")).await;
        assert_eq!(picture.header("content-type"), media);
        assert!(picture.text.contains(beginning), "{}", picture.text);
    }
    let list = api.get("/api/v1/machine").await;
    assert_eq!(list.body["items"][0]["entity"], "task");
    let other = api.get("/api/v1/machine/other").await;
    assert_eq!(other.body["type"], "/problems/not-found");
}

#[cfg(feature = "docs")]
#[tokio::test]
async fn docs_page_serves_all_files_it_references() {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;
    let api = Api::new().await;
    let page = api.get("/api/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    // Relative to the page, which a proxy may serve under another path.
    let files = page
        .text
        .split('"')
        .filter(|text| text.starts_with("docs/"));
    let files: Vec<&str> = files.collect();
    assert_eq!(files.len(), 4);
    for file in files {
        let request = Request::get(format!("/api/{file}"))
            .body(Body::empty())
            .unwrap();
        let answer = api.router().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
    }
    assert_eq!(
        api.get("/api/docs/nope.js").await.status,
        StatusCode::NOT_FOUND
    );
}
