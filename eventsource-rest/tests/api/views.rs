//! Views over HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use eventsource_core::{
    EntityId, Event, EventStore, Keys, Model, Reads, RecordedEvent, Store, View, ViewKey, view,
};
use eventsource_rest::{BuildError, Limits, Readers, Service, TrustedHeaders};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{Answer, Api};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "purchase")]
enum PurchaseEvent {
    #[event(terminal)]
    Made {
        customer: String,
        city: Option<String>,
        cents: u32,
    },
}

/// What a customer has spent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spent {
    city: Option<String>,
    purchases: u32,
    cents: u32,
}

impl View for Spent {
    const NAME: &'static str = "spent";
    const VERSION: u32 = 1;
    type Key = String;
    const INDEXED: &'static [&'static str] = &["city", "purchases"];
}

impl Reads<PurchaseEvent> for Spent {
    fn keys(event: &RecordedEvent<PurchaseEvent>) -> Keys<String> {
        let PurchaseEvent::Made { customer, .. } = &event.event;
        customer.clone().into()
    }

    fn apply(&mut self, event: &RecordedEvent<PurchaseEvent>) {
        let PurchaseEvent::Made { city, cents, .. } = &event.event;
        self.city.clone_from(city);
        self.purchases += 1;
        self.cents += cents;
    }
}

/// View with keys that are numbers, which nobody fills.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Idle {
    events: u32,
}

impl View for Idle {
    const NAME: &'static str = "idle";
    const VERSION: u32 = 1;
    type Key = i64;
}

struct Shop {
    store: Store,
    purchases: EventStore<PurchaseEvent>,
}

impl Shop {
    async fn new() -> Self {
        let store = Store::connect("sqlite::memory:").await.unwrap();
        let purchases = store.migrate::<PurchaseEvent>().await.unwrap();
        let purchases = purchases.inline(view::<Spent>()).await.unwrap();
        Self { store, purchases }
    }

    async fn buy(&self, customer: &str, city: &str) {
        let made = PurchaseEvent::Made {
            customer: customer.into(),
            city: Some(city.into()),
            cents: 250,
        };
        self.purchases.append(EntityId::new(), made).await.unwrap();
    }

    fn service(&self, readers: Readers) -> Service {
        Service::new()
            .mount(self.purchases.clone())
            .view(self.store.view::<Spent>(), readers)
    }

    fn api(&self) -> Api {
        Api::of(self.service(Readers::public()))
    }
}

fn keys(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let items = answer.body["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["key"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn value_of_a_key_is_returned_with_its_position() {
    let shop = Shop::new().await;
    shop.buy("ann", "Rome").await;
    shop.buy("ann", "Oslo").await;
    let api = shop.api();
    for query in ["", "?fresh=true"] {
        let answer = api.get(&format!("/api/v1/view/spent/ann{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let value = json!({"city": "Oslo", "purchases": 2, "cents": 500});
        assert_eq!(
            (&answer.body["key"], &answer.body["value"]),
            (&json!("ann"), &value)
        );
        assert_eq!(answer.body["position"], answer.header("x-position"));
    }
    let answer = api.get("/api/v1/view/spent/bob").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn keys_with_any_character_are_found_by_their_escaped_path() {
    let shop = Shop::new().await;
    let api = shop.api();
    for (key, path) in [
        ("a/b", "a%2Fb"),
        ("é ?#%", "%C3%A9%20%3F%23%25"),
        ("..", "%2E%2E"),
        ("\"'; DROP TABLE spent", "%22%27%3B%20DROP%20TABLE%20spent"),
    ] {
        shop.buy(key, "Rome").await;
        let answer = api.get(&format!("/api/v1/view/spent/{path}")).await;
        assert_eq!(
            (answer.status, &answer.body["key"]),
            (StatusCode::OK, &json!(key))
        );
    }
}

#[tokio::test]
async fn pages_lead_to_each_value_once_in_the_order_of_keys() {
    let shop = Shop::new().await;
    let customers: BTreeSet<String> = (0..23).map(|number| format!("c&{number}=é")).collect();
    for customer in &customers {
        shop.buy(customer, "Rome").await;
    }
    let api = shop.api();
    let mut path = "/api/v1/view/spent?limit=5&fresh=true".to_owned();
    let mut found = Vec::new();
    loop {
        let answer = api.get(&path).await;
        let page = keys(&answer);
        assert!((1..=5).contains(&page.len()));
        found.extend(page.into_iter().map(str::to_owned));
        let Some(next) = answer.body["_links"]["next"]["href"].as_str() else {
            break;
        };
        path = next[next.find("/api").unwrap()..].to_owned();
    }
    assert_eq!(found, customers.into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn values_are_found_by_one_indexed_field() {
    let shop = Shop::new().await;
    shop.buy("ann", "Rome").await;
    shop.buy("bob", "Oslo").await;
    shop.buy("bob", "Oslo").await;
    let api = shop.api();
    let find = async |query: &str| api.get(&format!("/api/v1/view/spent?{query}")).await;
    assert_eq!(keys(&find("value.city=Oslo").await), ["bob"]);
    assert_eq!(keys(&find("value.city=%22Oslo%22").await), [""; 0]);
    assert_eq!(keys(&find("value.purchases=1").await), ["ann"]);
    for (query, parameter) in [
        ("value.cents=250", "value.cents"),
        ("value.=x", "value."),
        ("value.purchases=one", "value.purchases"),
        ("value.city=Oslo&value.purchases=1", "value.purchases"),
        ("cents=250", "cents"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=1000000", "limit"),
        ("fresh=perhaps", "fresh"),
        ("offset=1", "offset"),
    ] {
        let answer = find(query).await;
        let status = answer.status;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(
            answer.body["context"]["errors"].get(parameter).is_some(),
            "{}",
            answer.text
        );
    }
    // A text is no more than a text, whatever it holds.
    assert_eq!(keys(&find("value.city=%27%20OR%201=1").await), [""; 0]);
    let long = "x".repeat(300);
    assert_eq!(
        find(&format!("after={long}")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn keys_that_are_none_are_not_found() {
    let shop = Shop::new().await;
    let store = &shop.store;
    let idle = Model::view::<Idle>().reads("purchase");
    store.create_generation(&idle, 1).await.unwrap();
    let api = Api::of(Service::new().view(store.view::<Idle>(), Readers::public()));
    for key in ["x", "1", "+1", "1.0", "9223372036854775808"] {
        let answer = api.get(&format!("/api/v1/view/idle/{key}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{key}");
        let answer = api.get(&format!("/api/v1/view/idle?after={key}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
    }
    let answer = api
        .call(Method::POST, "/api/v1/view/idle", &[], "{}".into())
        .await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// Nobody runs the view: it stays behind, and says so.
#[tokio::test]
async fn fresh_read_of_a_view_that_is_behind_is_503_and_others_are_answered() {
    let shop = Shop::new().await;
    let store = &shop.store;
    let idle = Model::view::<Idle>().reads("purchase");
    let generation = store.create_generation(&idle, 1).await.unwrap();
    store.switch_generation("idle", generation).await.unwrap();
    let api = Api::of(Service::new().view(store.view::<Idle>(), Readers::public()));
    let fresh = async |headers: &[(&str, &str)]| {
        let path = "/api/v1/view/idle?fresh=true";
        api.call(Method::GET, path, headers, String::new()).await
    };
    assert_eq!(
        keys(&fresh(&[]).await),
        [""; 0],
        "nothing was stored before"
    );
    shop.buy("ann", "Rome").await;
    let answer = fresh(&[("Prefer", "wait=0")]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body["type"], "/problems/read-model-behind");
    assert_eq!(answer.body["retryable"], true);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(keys(&api.get("/api/v1/view/idle").await), [""; 0]);
}

/// What stopped the view may tell of events that the client may not read.
#[tokio::test]
async fn fresh_read_of_a_view_that_has_halted_is_503_at_once_and_does_not_say_why() {
    let shop = Shop::new().await;
    let store = &shop.store;
    let idle = Model::view::<Idle>().reads("purchase");
    let generation = store.create_generation(&idle, 1).await.unwrap();
    store.switch_generation("idle", generation).await.unwrap();
    shop.buy("ann", "Rome").await;
    let mut transaction = store.begin().await.unwrap();
    let halt = "UPDATE {eventsource_shard} SET halted = $1 WHERE subscription = 'idle'";
    let halted = json!({"position": "1", "event_id": "e-1", "error": "ann is in Rome"});
    assert_eq!(transaction.execute(halt, (halted,)).await.unwrap(), 1);
    transaction.commit().await.unwrap();

    let api = Api::of(Service::new().view(store.view::<Idle>(), Readers::public()));
    let one = format!("idle/{}?fresh=true", 7_i64.to_text());
    for path in ["idle?fresh=true", &one] {
        let path = format!("/api/v1/view/{path}");
        let headers = [("Prefer", "wait=20")];
        let answer = api.call(Method::GET, &path, &headers, String::new()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body["type"], "/problems/read-model-halted");
        assert_eq!(answer.body["retryable"], false);
        assert!(!answer.text.contains("Rome"), "{}", answer.text);
    }
    assert_eq!(keys(&api.get("/api/v1/view/idle").await), [""; 0]);
}

#[tokio::test]
async fn keys_that_no_view_can_have_are_the_fault_of_the_client() {
    let shop = Shop::new().await;
    let api = shop.api();
    let long = "x".repeat(300);
    for key in ["%00", "a%00b", &long] {
        for path in [
            format!("spent/{key}"),
            format!("spent?after={key}"),
            format!("spent?value.city={key}"),
        ] {
            let answer = api.get(&format!("/api/v1/view/{path}")).await;
            let status = answer.status.as_u16();
            let is_none = status == 200 && path.contains("value.") && key == long;
            assert!(
                is_none || [400, 404, 422].contains(&status),
                "{path}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn view_without_tables_is_503() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let api = Api::of(Service::new().view(store.view::<Idle>(), Readers::public()));
    let answer = api.get("/api/v1/view/idle").await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        answer.text
    );
    assert_eq!(answer.body["type"], "/problems/read-model-not-built");
}

#[tokio::test]
async fn view_is_read_by_its_readers_only() {
    let shop = Shop::new().await;
    shop.buy("ann", "Rome").await;
    let clerk: &[_] = &[("x-actor", "bob"), ("x-roles", "Clerk")];
    let other: &[_] = &[("x-actor", "eve"), ("x-roles", "Guest,clerk")];
    let nobody: &[_] = &[];
    for (readers, expected) in [
        (Readers::public(), [200, 200, 200]),
        (Readers::actors(), [200, 200, 401]),
        (Readers::roles(["Clerk", "Manager"]), [200, 403, 401]),
        (Readers::roles([""; 0]), [403, 403, 401]),
    ] {
        let service = shop.service(readers.clone());
        let service = service.authenticator(TrustedHeaders::insecure());
        let api = Api::of(service);
        for (headers, expected) in [clerk, other, nobody].into_iter().zip(expected) {
            for path in [
                "spent",
                "spent/ann",
                "spent?value.city=Rome",
                "spent/none?fresh=true",
            ] {
                let path = format!("/api/v1/view/{path}");
                let answer = api.call(Method::GET, &path, headers, String::new()).await;
                let found = match answer.status.as_u16() {
                    404 if path.contains("none") => 200,
                    status => status,
                };
                assert_eq!(found, expected, "{readers:?} {headers:?} {path}");
                assert!(
                    expected == 200 || !answer.text.contains("Rome"),
                    "{}",
                    answer.text
                );
            }
        }
    }
    let refused = shop.service(Readers::actors()).build().unwrap_err();
    assert_eq!(refused, BuildError::NoViewReader { view: "spent" });
    let twice = shop
        .service(Readers::public())
        .view(shop.store.view::<Spent>(), Readers::public());
    let refused = twice.build().unwrap_err();
    assert_eq!(refused, BuildError::DuplicateView { view: "spent" });
}

#[tokio::test]
async fn wait_that_a_client_prefers_is_bounded_and_named() {
    let shop = Shop::new().await;
    shop.buy("ann", "Rome").await;
    let api = shop.api();
    for (prefer, applied) in [
        ("wait=3", "wait=3"),
        ("wait=86400", "wait=24"),
        ("wait=99999999999999999999999", ""),
        ("wait=soon", ""),
    ] {
        let path = "/api/v1/view/spent/ann?fresh=true";
        let headers = [("Prefer", prefer)];
        let answer = api.call(Method::GET, path, &headers, String::new()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("preference-applied"), applied, "{prefer}");
    }
}

/// The client hears that the view is behind, and not that its request took too long.
#[tokio::test]
async fn wait_ends_before_the_time_of_the_request() {
    let shop = Shop::new().await;
    let store = &shop.store;
    let idle = Model::view::<Idle>().reads("purchase");
    let generation = store.create_generation(&idle, 1).await.unwrap();
    store.switch_generation("idle", generation).await.unwrap();
    shop.buy("ann", "Rome").await;
    let limits = Limits {
        request_timeout: Duration::from_secs(1),
        ..Limits::default()
    };
    let service = Service::new().view(store.view::<Idle>(), Readers::public());
    let api = Api::of(service.limits(limits));
    for prefer in ["wait=86400", "handling=lenient"] {
        let path = "/api/v1/view/idle?fresh=true";
        let headers = [("Prefer", prefer)];
        let answer = api.call(Method::GET, path, &headers, String::new()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body["type"], "/problems/read-model-behind");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

/// View whose name is given by a constant.
macro_rules! named {
    ($type:ident, $name:literal) => {
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        struct $type {}

        impl View for $type {
            const NAME: &'static str = $name;
            const VERSION: u32 = 1;
            type Key = i64;
        }
    };
}

named!(Nameless, "");
named!(Braced, "{name}");
named!(Nested, "spent/ann");
named!(Spaced, "spent by city");

#[tokio::test]
async fn view_whose_name_is_no_part_of_a_path_is_refused() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let everybody = Readers::public;
    for (service, view) in [
        (
            Service::new().view(store.view::<Nameless>(), everybody()),
            "",
        ),
        (
            Service::new().view(store.view::<Braced>(), everybody()),
            "{name}",
        ),
        (
            Service::new().view(store.view::<Nested>(), everybody()),
            "spent/ann",
        ),
        (
            Service::new().view(store.view::<Spaced>(), everybody()),
            "spent by city",
        ),
    ] {
        let refused = service.build().unwrap_err();
        assert!(
            refused.to_string().contains(&format!("'{view}'")),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn document_describes_the_view() {
    let shop = Shop::new().await;
    let document = shop.api().get("/api/openapi.json").await.body;
    let list = &document["paths"]["/api/v1/view/spent"]["get"];
    let schema = &list["responses"]["200"]["content"]["application/json"]["schema"];
    let value = &schema["properties"]["items"]["items"]["properties"]["value"];
    assert_eq!(value["properties"]["cents"]["type"], "integer");
    let names: Vec<&Value> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| &parameter["name"])
        .collect();
    assert!(
        names.contains(&&json!("value.city")) && names.contains(&&json!("fresh")),
        "{names:?}"
    );
    let one = &document["paths"]["/api/v1/view/spent/{key}"]["get"];
    assert!(
        one["responses"]["200"]["headers"]
            .get("X-Position")
            .is_some()
    );
}
