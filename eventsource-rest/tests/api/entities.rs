//! Searches for entities, and cursors of events.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Api;

fn ids(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).collect()
}

/// Returns the path and query of a link.
fn path(link: &Value) -> &str {
    link["href"].as_str().unwrap()
}

#[tokio::test]
async fn entity_search_filters_by_state_version_time_and_data() {
    let api = Api::new().await;
    let started = api.started().await.to_string();
    let done = api.started().await.to_string();
    api.post(json!({"taskId": done, "eventType": "COMPLETED"}))
        .await;
    let new = api
        .post(json!({"eventType": "CREATED", "description": "42"}))
        .await;
    let new = new.body["taskId"].as_str().unwrap().to_owned();
    let assigned = api
        .post(json!([{"eventType": "CREATED"}, {"eventType": "ASSIGNED", "assignee": "zoe & co"}]))
        .await;
    let assigned = assigned.body[0]["taskId"].as_str().unwrap().to_owned();
    api.post(json!({"taskId": new, "eventType": "REVISED"}))
        .await;
    let time = |task: Value, member: &str| task[member].as_str().unwrap().to_owned();
    let first = api.get(&format!("/api/v1/task/{started}")).await.body;
    let second = api.get(&format!("/api/v1/task/{done}")).await.body;
    let (begun, until) = (time(second.clone(), "createdAt"), time(first, "updatedAt"));
    let all = [&*started, &done, &new, &assigned];
    for (query, found) in [
        (String::new(), &all[..]),
        ("state=STARTED".to_owned(), &[&*started]),
        ("state=CREATED,ASSIGNED".to_owned(), &[&*assigned]),
        ("state=CREATED".to_owned(), &[&*new]),
        ("having=CREATED".to_owned(), &[&*new, &*assigned]),
        ("having=CREATED&lacking=ASSIGNED".to_owned(), &[&*new]),
        ("lacking=CREATED,ENDED".to_owned(), &[&*started]),
        ("last_event_type=REVISED".to_owned(), &[&*new]),
        ("version=2".to_owned(), &[&*new]),
        (
            format!("created_from={begun}"),
            &[&*done, &*new, &*assigned],
        ),
        (format!("updated_until={until}"), &[&*started]),
        (
            format!("created_until={begun}&updated_from={begun}"),
            &[&*done],
        ),
        ("data.assignee=ann".to_owned(), &[&*started, &*done]),
        ("data.assignee=zoe+%26+co".to_owned(), &[&*assigned]),
        // A text is a text, whatever it looks like.
        ("data.description=42".to_owned(), &[&*new]),
        ("data.assignee=ann&state=STARTED".to_owned(), &[&*started]),
        ("data.assignee=bob".to_owned(), &[]),
    ] {
        let page = api.get(&format!("/api/v1/task?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert_eq!(ids(&page.body), found, "{query}");
        assert_eq!(page.body["count"], found.len(), "{query}");
        assert_eq!(page.header("x-total-count"), found.len().to_string());
    }
    let newest = api
        .get("/api/v1/task?sort_by=updated&descending=true&limit=2")
        .await;
    assert_eq!(ids(&newest.body), [&*new, &*assigned]);
    let head = api
        .call(Method::HEAD, "/api/v1/task", &[], String::new())
        .await;
    assert_eq!(
        (head.header("x-total-count"), head.text.as_str()),
        ("4", "")
    );
    let item = &api.get("/api/v1/task?limit=1").await.body["items"][0];
    assert_eq!(item["state"], json!(["STARTED"]));
    assert_eq!(
        (&item["sequence"], &item["version"]),
        (&json!(4), &json!(1))
    );
}

#[tokio::test]
async fn entity_search_links_visit_each_entity_once() {
    let api = Api::new().await;
    let mut all = Vec::new();
    for _ in 0..7 {
        all.push(api.started().await.to_string());
    }
    for order in ["id", "created", "updated"] {
        let mut seen = Vec::new();
        let query = format!("sort_by={order}&limit=3&having=STARTED&data.assignee=ann");
        let mut next = format!("/api/v1/task?{query}");
        loop {
            let page = api.get(&next).await;
            assert_eq!(
                (page.status, &page.body["count"]),
                (StatusCode::OK, &json!(7))
            );
            let found = ids(&page.body);
            // One that comes in between before the page moves nothing.
            seen.extend(found.into_iter().map(str::to_owned));
            match page.body["_links"].get("next") {
                Some(link) => next = path(link).to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, all, "{order}");
    }
    let second = api.get("/api/v1/task?limit=3&offset=3").await;
    assert_eq!(ids(&second.body), &all[3..6]);
    for (rel, from) in [("prev", 0), ("next", 6)] {
        let page = api.get(path(&second.body["_links"][rel])).await;
        assert_eq!(ids(&page.body)[0], all[from]);
    }
}

#[tokio::test]
async fn entity_search_with_invalid_parameters_reports_all_faults() {
    let api = Api::new().await;
    let cursor = format!("created.1.{}", Uuid::now_v7());
    for (query, parameter) in [
        ("state=NOPE".to_owned(), "state"),
        ("having=".to_owned(), "having"),
        ("lacking=STARTED,x".to_owned(), "lacking"),
        ("version=x".to_owned(), "version"),
        ("created_from=soon".to_owned(), "created_from"),
        ("sort_by=name".to_owned(), "sort_by"),
        ("after=x".to_owned(), "after"),
        (format!("after={cursor}"), "after"),
        (format!("after={cursor}&sort_by=created&offset=0"), "after"),
        ("data.nope=1".to_owned(), "data.nope"),
        ("assignee=ann".to_owned(), "assignee"),
        ("limit=1001".to_owned(), "limit"),
    ] {
        let answer = api.get(&format!("/api/v1/task?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let errors = answer.body["context"]["errors"].as_object().unwrap();
        assert_eq!(errors.keys().collect::<Vec<_>>(), [parameter], "{query}");
    }
}

/// M26: besides offsets, a cursor that events before it do not move.
#[tokio::test]
async fn event_search_by_cursor_pages_in_clock_order() {
    let api = Api::new().await;
    let id = api.started().await;
    api.started().await;
    let mut next = format!("/api/v1/task_event?task_id={id}&after=0&limit=3");
    let mut clocks = Vec::new();
    loop {
        let page = api.get(&next).await;
        assert_eq!(
            (page.status, &page.body["count"]),
            (StatusCode::OK, &json!(4))
        );
        let items = page.body["items"].as_array().unwrap().iter();
        clocks.extend(items.map(|item| item["clock"].as_u64().unwrap()));
        match page.body["_links"].get("next") {
            Some(link) => next = path(link).to_owned(),
            None => break,
        }
    }
    assert_eq!(clocks, [1, 2, 3, 4]);
    let some = api
        .get("/api/v1/task_event?after=2&min_clock=2&max_clock=4")
        .await;
    assert_eq!(
        (
            &some.body["count"],
            some.body["items"].as_array().unwrap().len()
        ),
        (&json!(3), 2)
    );
    for query in ["after=1&sort_by_clock=true", "after=1&offset=2", "after=x"] {
        let answer = api.get(&format!("/api/v1/task_event?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}
