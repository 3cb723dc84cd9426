//! What a page of another origin can make a browser do, tried over a socket.

use axum::http::HeaderValue;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use eventsource_core::{Actor, EventStore};
use eventsource_rest::{
    Authenticator, BuildError, CorsLayer, Endpoint, Problem, ServeError, Service, TrustedHeaders,
    serve,
};
use serde_json::{Value, json};
use tasks::TaskEvent;
use tokio::net::TcpListener;

use crate::client::Api;
use crate::platform::tasks;
use crate::sockets::{RawAnswer, listen};

const OWN: &str = "host: localhost\n";
const JSON: &str = "content-type: application/json\n";

async fn stored(tasks: &EventStore<TaskEvent>) -> u64 {
    tasks.search().limit(0).await.unwrap().total.unwrap()
}

fn kind(answer: &RawAnswer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let kind = body["type"].as_str().unwrap_or_default();
    kind.trim_start_matches("/problems/").to_owned()
}

#[tokio::test]
async fn serve_on_public_address_needs_authenticator_or_anonymous() {
    let refused = async |address: &str, service: Service| {
        let listener = TcpListener::bind(address).await.unwrap();
        match serve(listener, service, std::future::ready(())).await {
            Ok(()) => None,
            Err(ServeError::NoAuthenticator { address }) => Some(address),
            Err(other) => panic!("{other}"),
        }
    };
    let service = async || Service::new().mount(tasks().await);
    for open in ["0.0.0.0:0", "[::]:0"] {
        let address = refused(open, service().await).await.unwrap();
        let error = ServeError::NoAuthenticator { address }.to_string();
        assert!(error.contains(&address.to_string()), "{error}");
        assert!(error.contains("`.authenticator(..)`"), "{error}");
        assert!(error.contains("`.anonymous()`"), "{error}");
        assert_eq!(refused(open, service().await.anonymous()).await, None);
        let known = service().await.authenticator(TrustedHeaders::insecure());
        assert_eq!(refused(open, known).await, None);
    }
    for own in ["127.0.0.1:0", "[::1]:0"] {
        assert_eq!(refused(own, service().await).await, None, "{own}");
    }
}

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

/// A page whose name the attacker lets point to this computer is of the same origin.
#[tokio::test]
async fn request_to_unknown_host_is_421() {
    let tasks = tasks().await;
    let api = listen("127.0.0.1:0", Service::new().mount(tasks.clone())).await;
    let port = api.address.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "localhost.evil.example".to_owned(),
        "127.0.0.1.nip.io".to_owned(),
        "0.0.0.0".to_owned(),
        "192.0.2.7".to_owned(),
        "[2001:db8::1]".to_owned(),
    ] {
        let page = format!("host: {host}\norigin: http://{host}\nsec-fetch-site: same-origin\n");
        for answer in [
            api.append(&format!("{page}{JSON}")).await,
            api.get("/api/v1/task_event/stream", &page).await,
            api.get("/nowhere", &page).await,
            api.send(
                &format!("GET http://{host}/api/v1/task HTTP/1.1\n{page}"),
                "",
            )
            .await,
            api.send(&format!("OPTIONS /api/v1/task HTTP/1.1\n{page}"), "")
                .await,
        ] {
            assert_eq!(
                (answer.status, kind(&answer).as_str()),
                (421, "misdirected-request"),
                "{host}"
            );
            let forwarded = answer.body.contains(&host);
            assert!(!forwarded, "{}", answer.body);
        }
    }
    assert_eq!(stored(&tasks).await, 0);
    for host in [
        "localhost",
        "LocalHost:9",
        "127.0.0.1",
        "[::1]:80",
        "localhost.",
    ] {
        let answer = api.append(&format!("host: {host}\n{JSON}")).await;
        assert_eq!(answer.status, 201, "{host}");
    }
}

#[tokio::test]
async fn host_that_is_missing_repeated_or_not_a_host_is_400() {
    let api = listen("127.0.0.1:0", Service::new().mount(tasks().await)).await;
    let path = "/api/v1/task_event";
    for host in [
        "",
        "host: \n",
        "host: a b\n",
        "host: localhost/evil\n",
        "host: evil@localhost\n",
        "host: localhost:x\n",
        "host: localhost\nhost: localhost\n",
        "host: localhost\nhost: evil.example\n",
    ] {
        let answer = api.get(path, host).await;
        assert_eq!(answer.status, 400, "{host:?} {}", answer.body);
    }
    let differ = "GET http://localhost/api/v1/task HTTP/1.1\nhost: evil.example";
    assert_eq!(api.send(differ, "").await.status, 400);
    // An old client, or the health check of a load balancer.
    let old = api.send("GET /api/health HTTP/1.0\nx: y", "").await;
    assert_eq!(old.status, 200);
}

#[tokio::test]
async fn hosts_and_public_url_are_accepted_besides_own_address() {
    let service = Service::new().mount(tasks().await).anonymous();
    let service = service.hosts(["orders", "[2001:db8::1]:80", "shop.example:8443"]);
    let api = listen(
        "127.0.0.1:0",
        service.public_url("https://www.example/orders/"),
    )
    .await;
    for (host, status) in [
        ("orders", 200),
        ("orders:8080", 200),
        ("Orders.", 200),
        ("shop.example:8443", 200),
        ("shop.example", 421),
        ("shop.example:8444", 421),
        ("[2001:db8::1]:80", 200),
        ("www.example", 200),
        ("evil.www.example", 421),
        ("localhost", 200),
    ] {
        let answer = api.get("/api/v1/task", &format!("host: {host}\n")).await;
        assert_eq!(answer.status, status, "{host}");
    }
    // The proxy speaks for the public URL, whatever host it asks for.
    for (origin, status) in [
        ("https://www.example", 201),
        ("https://www.example:443", 201),
        ("http://www.example", 403),
        ("https://evil.example", 403),
    ] {
        let headers = format!("host: orders\n{JSON}origin: {origin}\n");
        assert_eq!(api.append(&headers).await.status, status, "{origin}");
    }
    let open = listen("0.0.0.0:0", Service::new().mount(tasks().await).anonymous()).await;
    for (host, status) in [
        ("192.0.2.7", 200),
        ("[2001:db8::1]", 200),
        ("evil.example", 421),
    ] {
        let answer = open.get("/api/v1/task", &format!("host: {host}\n")).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn public_url_or_host_that_is_none_is_a_build_error() {
    let service = async || Service::new().mount(tasks().await);
    for url in [
        "",
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://ann@shop.example",
        "https://shop.example?a=b",
        "https://shop.example/#a",
        "https://shop example",
    ] {
        let error = service().await.public_url(url).build().unwrap_err();
        let url = url.to_owned();
        assert_eq!(error, BuildError::InvalidPublicUrl { url });
    }
    for host in ["", "https://shop.example", "a b", "shop.example:x", "*"] {
        let error = service().await.hosts([host]).build().unwrap_err();
        let host = host.to_owned();
        assert_eq!(error, BuildError::InvalidHost { host });
    }
}

#[tokio::test]
async fn links_begin_with_public_url_and_never_with_forged_host() {
    let service = async || Service::new().mount(tasks().await);
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("x-forwarded-proto", "https"),
    ];
    let call = async |api: &Api| {
        let method = axum::http::Method::POST;
        let event = json!({"eventType": "CREATED"}).to_string();
        let event = api
            .call(method, "/api/v1/task_event", &forged[1..], event)
            .await;
        let location = event.header("location").to_owned();
        let page = api
            .get_with("/api/v1/task_event?limit=1", &forged[1..])
            .await;
        let rules = api.get_with("/api/v1/machine/task", &forged[1..]).await;
        let document = api.get_with("/api/openapi.json", &forged[1..]).await;
        let text = format!("{} {} {} {location}", page.text, rules.text, document.text);
        assert!(!text.contains("evil.example"), "{text}");
        (
            location,
            page.body["_links"]["self"]["href"].clone(),
            rules.body["_links"]["svg"]["href"].clone(),
            document.body["servers"][0]["url"].clone(),
        )
    };
    let public = Api::of(service().await.public_url("https://shop.example/orders"));
    let (location, page, rules, server) = call(&public).await;
    assert!(
        location.starts_with("https://shop.example/orders/api/v1/task_event/"),
        "{location}"
    );
    assert_eq!(
        page,
        "https://shop.example/orders/api/v1/task_event?offset=0&limit=1"
    );
    assert_eq!(rules, "https://shop.example/orders/api/v1/machine/task.svg");
    assert_eq!(server, "https://shop.example/orders/");
    // The application has not said which hosts are its own.
    let unknown = Api::of(service().await);
    let (location, page, rules, server) = call(&unknown).await;
    assert!(location.starts_with("/api/v1/task_event/"), "{location}");
    assert_eq!(page, "/api/v1/task_event?offset=0&limit=1");
    assert_eq!(rules, "/api/v1/machine/task.svg");
    assert_eq!(server, "/");
    let api = listen("127.0.0.1:0", service().await).await;
    let page = api.get(
        "/api/v1/task_event",
        "host: localhost:7\nx-forwarded-host: evil.example\n",
    );
    let page: Value = serde_json::from_str(&page.await.body).unwrap();
    assert_eq!(
        page["_links"]["self"]["href"],
        "http://localhost:7/api/v1/task_event?offset=0&limit=20"
    );
}

#[tokio::test]
async fn header_that_is_given_twice_is_400() {
    let tasks = tasks().await;
    let service = Service::new().mount(tasks.clone());
    let api = listen(
        "127.0.0.1:0",
        service.authenticator(TrustedHeaders::insecure()),
    )
    .await;
    for (one, other) in [
        ("authorization: Bearer a", "authorization: Bearer b"),
        ("content-type: application/json", "content-type: text/plain"),
        ("x-actor: ann", "x-actor: eve"),
        ("x-actor: ann\nx-roles: MANAGER", "x-roles: SENDER"),
        ("x-request-id: a", "x-request-id: b"),
        ("origin: http://localhost", "origin: http://localhost"),
    ] {
        let json = if one.starts_with("content-type") {
            ""
        } else {
            JSON
        };
        for (one, other) in [(one, other), (other, one)] {
            let answer = api.append(&format!("{OWN}{json}{one}\n{other}\n")).await;
            assert_eq!(
                (answer.status, kind(&answer).as_str()),
                (400, "repeated-header"),
                "{one}"
            );
        }
    }
    let streams = api.get(
        "/api/v1/task_event/stream",
        "host: localhost\nlast-event-id: 1\nlast-event-id: 2\n",
    );
    assert_eq!(streams.await.status, 400);
    let keys = api
        .append(&format!(
            "{OWN}{JSON}idempotency-key: a\nidempotency-key: b\n"
        ))
        .await;
    assert_eq!(
        (keys.status, kind(&keys).as_str()),
        (422, "validation-error")
    );
    // These are lists, and two headers are one list of both.
    let any = api
        .append(&format!("{OWN}{JSON}if-match: \"1\"\nif-match: *\n"))
        .await;
    assert_eq!((any.status, kind(&any).as_str()), (422, "validation-error"));
    assert_eq!(stored(&tasks).await, 0);
}

/// Pages of other origins may send forms, plain text and bodies without a type without asking.
#[tokio::test]
async fn body_without_json_content_type_is_415_and_stores_nothing() {
    let tasks = tasks().await;
    let api = listen("127.0.0.1:0", Service::new().mount(tasks.clone())).await;
    for media in [
        "",
        "content-type: \n",
        "content-type: text/plain\n",
        "content-type: text/plain; application/json\n",
        "content-type: text/plain, application/json\n",
        "content-type: application/x-www-form-urlencoded\n",
        "content-type: multipart/form-data; boundary=x\n",
        "content-type: text/json\n",
        "content-type: application/json\ncontent-encoding: gzip\n",
    ] {
        let answer = api.append(&format!("{OWN}{media}")).await;
        assert_eq!(
            (answer.status, kind(&answer).as_str()),
            (415, "unsupported-media-type"),
            "{media}"
        );
        let dry_run = format!("POST /api/v1/task/validate HTTP/1.1\n{OWN}{media}");
        assert_eq!(
            api.send(&dry_run, r#"{"events": []}"#).await.status,
            415,
            "{media}"
        );
    }
    assert_eq!(stored(&tasks).await, 0);
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

#[tokio::test]
async fn every_answer_has_headers_that_restrict_browsers() {
    let service = async || Service::new().mount(tasks().await);
    let api = listen("127.0.0.1:0", service().await).await;
    let created = api.append(&format!("{OWN}{JSON}")).await;
    let event: Value = serde_json::from_str(&created.body).unwrap();
    let task = event["taskId"].as_str().unwrap();
    let mut answers = vec![("append".to_owned(), created, "no-store")];
    for (path, kept) in [
        ("/api/v1/task_event".to_owned(), "no-store"),
        (
            format!("/api/v1/task_event/{}", event["id"].as_str().unwrap()),
            "no-store",
        ),
        ("/api/v1/task".to_owned(), "no-store"),
        (format!("/api/v1/task/{task}"), "private, no-cache"),
        (format!("/api/v1/task/{task}/history"), "private, no-cache"),
        ("/api/v1/task/nope".to_owned(), "no-store"),
        ("/api/v1/machine".to_owned(), "private, max-age=300"),
        ("/api/v1/machine/task".to_owned(), "private, max-age=300"),
        (
            "/api/v1/machine/task.svg".to_owned(),
            "private, max-age=300",
        ),
        ("/api/v1/machine/other".to_owned(), "no-store"),
        ("/api/openapi.json".to_owned(), "private, max-age=300"),
        ("/api/health".to_owned(), "no-store"),
        ("/api/ready".to_owned(), "no-store"),
        ("/metrics".to_owned(), "no-store"),
        ("/nowhere".to_owned(), "no-store"),
    ] {
        let answer = api.get(&path, OWN).await;
        answers.push((path, answer, kept));
    }
    let refused = api.get("/api/v1/task", "host: evil.example\n").await;
    answers.push(("421".to_owned(), refused, "no-store"));
    let unchanged = api
        .get(
            &format!("/api/v1/task/{task}"),
            "host: localhost\nif-none-match: \"1\"\n",
        )
        .await;
    assert_eq!(unchanged.status, 304);
    answers.push(("304".to_owned(), unchanged, "private, no-cache"));
    for (path, answer, kept) in &answers {
        assert_eq!(answer.header("cache-control"), Some(*kept), "{path}");
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let sandboxed = policy.contains("sandbox");
        assert_eq!(
            sandboxed,
            path == "/api/v1/machine/task.svg",
            "{path}: {policy}"
        );
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    // What one user has read must not be shown to the next one.
    let known = Api::of(service().await.authenticator(TrustedHeaders::insecure()));
    let id = known.started().await;
    for (path, tag) in [
        (format!("/api/v1/task/{id}"), "\"4\""),
        (format!("/api/v1/task/{id}/history"), "\"4\""),
        ("/api/v1/machine/task".to_owned(), ""),
        ("/api/openapi.json".to_owned(), ""),
    ] {
        let answer = known.get_with(&path, &[("x-actor", "ann")]).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("etag"), tag);
    }
}

#[tokio::test]
async fn endpoint_that_is_off_is_404_and_not_in_document() {
    let endpoints = [
        (Endpoint::Metrics, "GET", "/metrics"),
        (Endpoint::Machine, "GET", "/api/v1/machine"),
        (Endpoint::Machine, "GET", "/api/v1/machine/task"),
        (Endpoint::Machine, "GET", "/api/v1/machine/task.svg"),
        (Endpoint::Machine, "GET", "/api/v1/machine/task/schema"),
        (Endpoint::Machine, "GET", "/api/v1/machine/other"),
        (Endpoint::Validate, "POST", "/api/v1/task/validate"),
        (Endpoint::Docs, "GET", "/api/openapi.json"),
        #[cfg(feature = "docs")]
        (Endpoint::Docs, "GET", "/api/docs"),
        #[cfg(feature = "docs")]
        (Endpoint::Docs, "GET", "/api/docs/start.js"),
    ];
    let call = async |api: &Api, method: &str, path: &str| {
        let method = method.parse().unwrap();
        let body = json!({"events": []}).to_string();
        api.call(method, path, &[("content-type", "application/json")], body)
            .await
    };
    let service = async || Service::new().mount(tasks().await);
    for off in [
        Endpoint::Metrics,
        Endpoint::Machine,
        Endpoint::Validate,
        Endpoint::Docs,
    ] {
        let api = Api::of(service().await.without([off]));
        for (endpoint, method, path) in endpoints {
            let answer = call(&api, method, path).await;
            let nowhere = answer.body["detail"] == "The requested URL was not found on the server.";
            assert_eq!(
                nowhere,
                endpoint == off,
                "{path} without {off:?}: {}",
                answer.text
            );
            if nowhere {
                assert_eq!(answer.status, 404, "{path}");
            }
        }
        if off != Endpoint::Docs {
            let document = api.get("/api/openapi.json").await;
            for (endpoint, _, path) in endpoints {
                let hidden = !document.text.contains(path);
                assert!(endpoint != off || hidden, "{path} without {off:?}");
            }
        }
        // The rest is as before.
        let id = api.started().await;
        let task = api.get(&format!("/api/v1/task/{id}")).await;
        assert_eq!(task.body["sequence"], 4);
    }
}
