//! Requests of pages of other origins.

use axum::http::HeaderValue;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use eventsource_core::Actor;
use eventsource_rest::{Authenticator, CorsLayer, Problem, Service};
use serde_json::Value;

use super::{JSON, OWN, kind, stored};
use crate::platform::tasks;
use crate::sockets::listen;

/// A browser sends these without asking first, if the page wants it so.
#[tokio::test]
async fn append_of_foreign_page_is_refused_and_stores_nothing() {
    let tasks = tasks().await;
    let api = listen("127.0.0.1:0", Service::new().mount(tasks.clone())).await;
    let port = api.address.port();
    let here = format!("host: 127.0.0.1:{port}\n");
    for headers in [
        "origin: https://evil.example\n".to_owned(),
        "origin: null\n".to_owned(),
        "origin: \n".to_owned(),
        "origin: file://\n".to_owned(),
        "origin: \u{e9}\n".to_owned(),
        // Another service of the same computer.
        "origin: http://localhost:1\n".to_owned(),
        format!("origin: http://127.0.0.1.evil.example:{port}\n"),
        format!("origin: http://127.0.0.1:{port}.evil.example\n"),
        format!("origin: http://127.0.0.1:{port}@evil.example\n"),
        "sec-fetch-site: cross-site\n".to_owned(),
        "sec-fetch-site: same-site\n".to_owned(),
        "sec-fetch-site: cross-site\nsec-fetch-mode: navigate\nsec-fetch-dest: document\n"
            .to_owned(),
        format!("origin: http://127.0.0.1:{port}\nsec-fetch-site: cross-site\n"),
    ] {
        let answer = api.append(&format!("{here}{JSON}{headers}")).await;
        assert_eq!(
            (answer.status, kind(&answer).as_str()),
            (403, "foreign-origin"),
            "{headers}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    assert_eq!(stored(&tasks).await, 0);
    for headers in [
        // Not a browser.
        String::new(),
        // The page of the API itself.
        format!("origin: http://127.0.0.1:{port}\nsec-fetch-site: same-origin\n"),
        "sec-fetch-site: none\n".to_owned(),
    ] {
        let answer = api.append(&format!("{here}{JSON}{headers}")).await;
        assert_eq!(answer.status, 201, "{headers}{}", answer.body);
    }
    assert_eq!(stored(&tasks).await, 3);
}

/// Dry runs, reads and streams cost the service, too, though the page could not read the answer.
#[tokio::test]
async fn read_of_foreign_page_is_refused_but_links_are_followed() {
    let api = listen("127.0.0.1:0", Service::new().mount(tasks().await)).await;
    for path in [
        "/api/v1/task_event",
        "/api/v1/task_event/stream",
        "/metrics",
        "/nowhere",
    ] {
        for headers in [
            "origin: https://evil.example\n",
            "sec-fetch-site: cross-site\nsec-fetch-mode: no-cors\nsec-fetch-dest: image\n",
            "sec-fetch-site: cross-site\nsec-fetch-mode: navigate\nsec-fetch-dest: iframe\n",
        ] {
            let answer = api.get(path, &format!("{OWN}{headers}")).await;
            assert_eq!(
                (answer.status, kind(&answer).as_str()),
                (403, "foreign-origin"),
                "{path}"
            );
        }
    }
    let link = "sec-fetch-site: cross-site\nsec-fetch-mode: navigate\nsec-fetch-dest: document\n";
    let picture = api
        .get("/api/v1/machine/task.svg", &format!("{OWN}{link}"))
        .await;
    assert_eq!(picture.status, 200);
    let dry_run = format!("POST /api/v1/task/validate HTTP/1.1\n{OWN}{JSON}origin: null");
    assert_eq!(api.send(&dry_run, r#"{"events": []}"#).await.status, 403);
}

#[tokio::test]
async fn append_of_origin_that_cors_allows_is_stored() {
    let append = async |layer: CorsLayer, origin: &str| {
        let service = Service::new().mount(tasks().await).cors(layer);
        let api = listen("127.0.0.1:0", service).await;
        let headers = format!("{OWN}{JSON}origin: {origin}\nsec-fetch-site: cross-site\n");
        api.append(&headers).await.status
    };
    let shop = || HeaderValue::from_static("https://shop.example");
    let list = || CorsLayer::new().allow_origin([shop()]);
    assert_eq!(append(list(), "https://shop.example").await, 201);
    for origin in ["https://evil.example", "http://shop.example", "null"] {
        assert_eq!(append(list(), origin).await, 403, "{origin}");
    }
    // A single origin is sent to every page, also to those that it does not allow.
    let one = || CorsLayer::new().allow_origin(shop());
    assert_eq!(append(one(), "https://shop.example").await, 201);
    assert_eq!(append(one(), "https://evil.example").await, 403);
    assert_eq!(
        append(CorsLayer::permissive(), "https://any.example").await,
        201
    );
    assert_eq!(append(CorsLayer::new(), "https://any.example").await, 403);
}

#[tokio::test]
async fn preflight_is_answered_by_cors_layer_only() {
    let preflight = "OPTIONS /api/v1/task_event HTTP/1.1\nhost: localhost\n\
                     origin: https://shop.example\naccess-control-request-method: POST";
    let service = async || Service::new().mount(tasks().await);
    let closed = listen("127.0.0.1:0", service().await).await;
    let answer = closed.send(preflight, "").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let shop = HeaderValue::from_static("https://shop.example");
    let layer = CorsLayer::new().allow_origin([shop]);
    let open = listen("127.0.0.1:0", service().await.cors(layer)).await;
    let answer = open.send(preflight, "").await;
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(
        (answer.status, allowed),
        (200, Some("https://shop.example"))
    );
}

/// Authenticator that takes what browsers send by themselves.
struct Cookies;

impl Authenticator for Cookies {
    async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        let cookies = request.headers.get_all(COOKIE).iter();
        let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
        Ok(cookies
            .any(|cookie| cookie == "session=ann")
            .then(|| Actor::new("ann")))
    }
}

#[tokio::test]
async fn cookie_of_user_is_of_no_use_to_foreign_page() {
    let tasks = tasks().await;
    let service = Service::new().mount(tasks.clone()).authenticator(Cookies);
    let service = service.public_url("https://shop.example");
    let api = listen("127.0.0.1:0", service).await;
    let cookie = "host: shop.example\ncookie: session=ann\n";
    for page in [
        "origin: https://evil.example\nsec-fetch-site: cross-site\n",
        "origin: https://evil.example\n",
        "origin: https://forum.shop.example\nsec-fetch-site: same-site\n",
        "sec-fetch-site: cross-site\n",
    ] {
        for media in [JSON, "content-type: text/plain\n", ""] {
            let answer = api.append(&format!("{cookie}{media}{page}")).await;
            assert_eq!(answer.status, 403, "{page}");
        }
    }
    assert_eq!(stored(&tasks).await, 0);
    let own = "origin: https://shop.example\nsec-fetch-site: same-origin\n";
    let answer = api.append(&format!("{cookie}{JSON}{own}")).await;
    assert_eq!(answer.status, 201);
    let event: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(event["metadata"]["actor"], "ann");
}
