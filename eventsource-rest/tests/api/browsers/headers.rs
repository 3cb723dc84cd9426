//! Headers of requests and responses, and endpoints that are off.

use eventsource_rest::{Endpoint, Service, TrustedHeaders};
use serde_json::{Value, json};

use super::{JSON, OWN, kind, stored};
use crate::client::Api;
use crate::platform::tasks;
use crate::sockets::listen;

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
