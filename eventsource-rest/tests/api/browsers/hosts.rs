//! Names and addresses that the service answers for.

use eventsource_rest::{BuildError, ServeError, Service, TrustedHeaders, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{JSON, kind, stored};
use crate::client::Api;
use crate::platform::tasks;
use crate::sockets::listen;

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
