//! What one client may hold, and how clients are told apart.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use eventsource_rest::{Limits, Service, TrustedHeaders, TrustedProxies};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::client::Api;
use crate::platform::{Held, tasks};

/// Sends a request from an address, with these headers.
async fn send(
    api: &Api,
    address: &str,
    headers: &[(&str, &str)],
    method: &str,
    path: &str,
) -> Response {
    let address: SocketAddr = format!("{address}:4711").parse().unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Body::from(r#"{"eventType": "CREATED"}"#);
    let mut request = request
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(body)
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    api.router().oneshot(request).await.unwrap()
}

async fn get(api: &Api, address: &str, headers: &[(&str, &str)]) -> StatusCode {
    send(api, address, headers, "GET", "/api/v1/task")
        .await
        .status()
}

/// Begins an append that waits for ever.
async fn hold(api: &Api, begun: &Notify, address: &'static str, headers: &'static [(&str, &str)]) {
    let api = api.clone();
    tokio::spawn(async move { send(&api, address, headers, "POST", "/api/v1/task_event").await });
    begun.notified().await;
}

async fn service(limits: Limits) -> (Service, Arc<Notify>) {
    let begun = Arc::new(Notify::new());
    let held = Held {
        begun: Arc::clone(&begun),
        go_on: Arc::default(),
    };
    let service = Service::new().mount(tasks().await).before_append(held);
    (service.limits(limits), begun)
}

fn one_in_flight() -> Limits {
    Limits {
        max_in_flight_per_client: 1,
        ..Limits::default()
    }
}

#[tokio::test]
async fn client_with_too_many_requests_in_progress_is_429_and_others_are_served() {
    let (service, begun) = service(one_in_flight()).await;
    let api = Api::of(service);
    hold(&api, &begun, "192.0.2.1", &[]).await;
    let refused = send(&api, "192.0.2.1", &[], "GET", "/api/v1/task").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    let body = refused.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["type"], "/problems/too-many-requests");
    assert_eq!(body["retryable"], true);
    assert_eq!(get(&api, "192.0.2.2", &[]).await, StatusCode::OK);
    let health = send(&api, "192.0.2.1", &[], "GET", "/api/health").await;
    assert_eq!(health.status(), StatusCode::OK);
}

#[tokio::test]
async fn request_is_in_progress_until_its_response_was_read() {
    let (service, _) = service(one_in_flight()).await;
    let api = Api::of(service);
    let unread = send(&api, "192.0.2.1", &[], "GET", "/api/v1/task").await;
    assert_eq!(unread.status(), StatusCode::OK);
    assert_eq!(
        get(&api, "192.0.2.1", &[]).await,
        StatusCode::TOO_MANY_REQUESTS
    );
    unread.into_body().collect().await.unwrap();
    assert_eq!(get(&api, "192.0.2.1", &[]).await, StatusCode::OK);
}

#[tokio::test]
async fn client_is_the_actor_wherever_its_requests_come_from() {
    let (service, begun) = service(one_in_flight()).await;
    let api = Api::of(service.authenticator(TrustedHeaders::insecure()));
    hold(&api, &begun, "192.0.2.1", &[("x-actor", "ann")]).await;
    let ann = [("x-actor", "ann")];
    let refused = get(&api, "192.0.2.9", &ann).await;
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
    let bob = [("x-actor", "bob")];
    assert_eq!(get(&api, "192.0.2.1", &bob).await, StatusCode::OK);
    // Counted as another client, which may not read without an actor.
    let nobody = get(&api, "192.0.2.1", &[]).await;
    assert_eq!(nobody, StatusCode::UNAUTHORIZED);
}

/// Under another server than `serve`, which may not tell the address.
#[tokio::test]
async fn client_without_actor_and_address_is_not_limited_but_actor_is() {
    let (service, begun) = service(one_in_flight()).await;
    let api = Api::of(service.authenticator(TrustedHeaders::insecure()));
    hold(&api, &begun, "192.0.2.1", &[("x-actor", "ann")]).await;
    let (one, other) = tokio::join!(api.get("/api/v1/task"), api.get("/api/v1/task"));
    let unauthorized = StatusCode::UNAUTHORIZED;
    assert_eq!((one.status, other.status), (unauthorized, unauthorized));
    let refused = api.get_with("/api/v1/task", &[("x-actor", "ann")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn client_behind_trusted_proxy_is_the_last_address_it_names() {
    let (service, begun) = service(one_in_flight()).await;
    let proxies = TrustedProxies::x_forwarded_for(["10.0.0.0/8"]).unwrap();
    let api = Api::of(service.trusted_proxies(proxies));
    let forged = &[("x-forwarded-for", "192.0.2.7, 192.0.2.1")];
    hold(&api, &begun, "10.0.0.1", forged).await;
    for (address, forwarded, status) in [
        ("10.0.0.1", "192.0.2.1", 429),
        ("10.0.0.2", "192.0.2.1", 429),
        ("10.0.0.1", "192.0.2.1, 192.0.2.2", 200),
        ("10.0.0.1", "192.0.2.7", 200),
        // Not from a proxy: the header is the client's own claim.
        ("192.0.2.3", "192.0.2.1", 200),
        ("192.0.2.1", "192.0.2.2", 429),
    ] {
        let headers = [("x-forwarded-for", forwarded)];
        let answered = get(&api, address, &headers).await;
        assert_eq!(answered.as_u16(), status, "{address} {forwarded}");
    }
}

#[tokio::test]
async fn client_with_too_many_streams_is_429_and_others_are_served() {
    let limits = Limits {
        max_streams_per_client: 1,
        max_in_flight_per_client: 1,
        ..Limits::default()
    };
    let api = Api::of(Service::new().mount(tasks().await).limits(limits));
    let path = "/api/v1/task_event/stream";
    let open = send(&api, "192.0.2.1", &[], "GET", path).await;
    assert_eq!(open.status(), StatusCode::OK);
    let refused = send(&api, "192.0.2.1", &[], "GET", path).await.status();
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
    let other = send(&api, "192.0.2.2", &[], "GET", path).await;
    assert_eq!(other.status(), StatusCode::OK);
    // A stream is no request in progress.
    assert_eq!(get(&api, "192.0.2.1", &[]).await, StatusCode::OK);
    drop(open);
    let again = send(&api, "192.0.2.1", &[], "GET", path).await;
    assert_eq!(again.status(), StatusCode::OK);
}

#[tokio::test]
async fn client_that_sends_too_many_requests_a_second_is_429() {
    let limits = Limits {
        max_requests_per_second: Some(20),
        ..Limits::default()
    };
    let api = Api::of(Service::new().mount(tasks().await).limits(limits));
    let mut served = 0;
    while get(&api, "192.0.2.1", &[]).await == StatusCode::OK {
        served += 1;
    }
    assert!(served >= 20, "the burst: {served}");
    assert_eq!(get(&api, "192.0.2.2", &[]).await, StatusCode::OK);
    // A token comes back after a while.
    while get(&api, "192.0.2.1", &[]).await != StatusCode::OK {}
}
