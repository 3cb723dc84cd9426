//! Unique fields over HTTP.

use axum::http::{Method, StatusCode};
use eventsource_core::{Event, Store};
use eventsource_rest::Service;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Api;

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "member", unique(mail_address))]
enum MemberEvent {
    #[event(terminal)]
    Registered { mail_address: String },
}

#[tokio::test]
async fn second_of_two_clients_who_take_a_value_at_once_gets_409() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let members = store.migrate::<MemberEvent>().await.unwrap();
    let api = Api::of(Service::new().mount(members.clone()));
    for round in 0..20 {
        let address = format!("ann{round}@example.org");
        let body = json!({"eventType": "REGISTERED", "mailAddress": address}).to_string();
        let register = || api.call(Method::POST, "/api/v1/member_event", &[], body.clone());
        let (first, second) = tokio::join!(register(), register());
        let mut statuses = [first.status, second.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT]);
        let refused = if first.status == StatusCode::CONFLICT {
            first
        } else {
            second
        };
        assert_eq!(refused.body["type"], "/problems/taken");
        assert_eq!(refused.body["field"], "mailAddress");
        assert_eq!(refused.body["value"], address);
        assert_eq!(refused.body["retryable"], false);
    }
    assert_eq!(members.entities().await.unwrap().items.len(), 20);
}
