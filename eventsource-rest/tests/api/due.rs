//! Timed events over HTTP: what is due of an entity, and when.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use eventsource_core::{EntityId, Event, EventStore, Role, StoreOptions};
use eventsource_rest::{Service, TrustedHeaders};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Api;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Staff {
    Clerk,
    Manager,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "loan", roles = Staff, read_by(Clerk, Manager), eventually(Returned | Lost))]
#[machine(allow(order_matters, equivalent_events))]
enum LoanEvent {
    Lent {
        to: String,
    },
    #[event(follows = Lent & !Due, accumulate = union(), read_by(Manager))]
    Agreed {
        until: DateTime<Utc>,
    },
    #[event(follows = Lent & !Due, accumulate = union(), at = until)]
    Due,
    #[event(follows = Lent, after = "30 days", terminal)]
    Lost,
    #[event(follows = Lent, terminal)]
    Returned,
}

const CLERK: [(&str, &str); 2] = [("x-actor", "ann"), ("x-roles", "CLERK")];
const MANAGER: [(&str, &str); 2] = [("x-actor", "bob"), ("x-roles", "MANAGER")];

async fn library() -> (EventStore<LoanEvent>, Api) {
    let store = StoreOptions::new("sqlite::memory:")
        .connect()
        .await
        .unwrap();
    let loans = store.migrate::<LoanEvent>().await.unwrap();
    let service = Service::new().mount(loans.clone());
    let api = Api::of(service.authenticator(TrustedHeaders::insecure()));
    (loans, api)
}

#[tokio::test]
async fn entity_shows_what_is_due_and_when() {
    let (loans, api) = library().await;
    let id = EntityId::new();
    let lent = loans
        .append(id, LoanEvent::Lent { to: "eve".into() })
        .await
        .unwrap();
    let lost = (lent.events[0].recorded_at + TimeDelta::days(30))
        .to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let path = format!("/api/v1/loan/{id}");
    let get = async |path: &str, who: &[(&str, &str)]| {
        let answer = api.call(Method::GET, path, who, String::new()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body
    };
    let due = json!([{"eventType": "LOST", "at": lost}]);
    assert_eq!(get(&path, &CLERK).await["due"], due);
    assert_eq!(
        get(&format!("{path}?asOf=1"), &CLERK).await.get("due"),
        None
    );

    let until = "2026-12-24T12:00:00Z".parse().unwrap();
    loans.append(id, LoanEvent::Agreed { until }).await.unwrap();
    let due = json!([
        {"eventType": "DUE", "at": "2026-12-24T12:00:00.000000Z"},
        {"eventType": "LOST", "at": lost},
    ]);
    let shown = get(&path, &MANAGER).await["due"].clone();
    assert!(shown == due || shown == json!([due[1], due[0]]), "{shown}");
    // Who may not see the time that was agreed is not told it.
    let body = get(&path, &CLERK).await;
    assert_eq!(body.get("due"), None);
    assert!(!body.to_string().contains("2026-12-24"), "{body}");

    loans.append(id, LoanEvent::Returned).await.unwrap();
    assert_eq!(get(&path, &MANAGER).await["due"], json!([]));
}

#[tokio::test]
async fn document_describes_what_is_due_where_there_are_timers() {
    let (_, api) = library().await;
    let document = api.get("/api/openapi.json").await.body;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Loan"]["properties"]["due"]["type"], "array");
    let document = Api::new().await.get("/api/openapi.json").await.body;
    assert_eq!(
        document["components"]["schemas"]["Task"]["properties"].get("due"),
        None
    );
}
