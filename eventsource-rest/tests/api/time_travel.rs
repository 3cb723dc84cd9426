//! Past states of an entity.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::client::Api;

#[tokio::test]
async fn get_entity_as_of_returns_past_state() {
    let api = Api::new().await;
    api.started().await;
    let id = api.started().await;
    let event = json!({"taskId": id, "eventType": "REASSIGNED", "assignee": "bob"});
    api.post(event).await;
    let history = api.get(&format!("/api/v1/task/{id}/history")).await;
    let states: [Value; 5] = [
        json!(["CREATED"]),
        json!(["ASSIGNED", "CREATED"]),
        json!(["ASSIGNED", "CREATED", "SCHEDULED"]),
        json!(["STARTED"]),
        json!(["STARTED"]),
    ];
    for (before, event) in history.body.as_array().unwrap().iter().enumerate() {
        let seq = before + 1;
        let head = api.get(&format!("/api/v1/task/{id}?as_of={seq}")).await;
        let time = head.body["updatedAt"].as_str().unwrap().to_owned();
        for moment in [
            format!("asOf={seq}"),
            format!("as_of=seq:{seq}"),
            format!("asOf=clock:{}", event["clock"]),
            format!("asOf={time}"),
        ] {
            let then = api.get(&format!("/api/v1/task/{id}?{moment}")).await;
            assert_eq!(
                (then.status, then.header("etag")),
                (StatusCode::OK, &*format!("\"{seq}\"")),
                "{moment}"
            );
            assert_eq!(then.body["state"], states[before]);
            let assignee = match seq {
                1 => Value::Null,
                5 => json!("bob"),
                _ => json!("ann"),
            };
            assert_eq!(then.body["data"]["assignee"], assignee, "{moment}");
        }
    }
    let then = api.get(&format!("/api/v1/task/{id}?asOf=1")).await;
    let next: Vec<&Value> = then.body["nextEvents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["eventType"])
        .collect();
    assert_eq!(next, ["ASSIGNED", "SCHEDULED", "REVISED"]);
    let path = format!("/api/v1/task/{id}?asOf=3");
    let same = api.get_with(&path, &[("If-None-Match", "\"3\"")]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    for before in ["asOf=0", "asOf=clock:4", "asOf=2020-01-01T00:00:00Z"] {
        let nothing = api.get(&format!("/api/v1/task/{id}?{before}")).await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND, "{before}");
    }
    for wrong in ["asOf=soon", "asOf=1&as_of=1", "as=1"] {
        let refused = api.get(&format!("/api/v1/task/{id}?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}
