//! Client of a service in process.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use eventsource_core::Store;
use eventsource_rest::Service;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tasks::TaskEvent;
use tower::ServiceExt;
use uuid::Uuid;

/// Response of the service.
pub struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    pub text: String,
    /// Body as JSON, if it is JSON.
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the faults of a body: field and reason.
    pub fn faults(&self) -> Vec<(String, String)> {
        assert_eq!(
            self.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            self.body
        );
        assert_eq!(self.body["message"], "Validation error");
        let errors = self.body["context"]["errors"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors
            .iter()
            .map(|error| (text(&error["field"]), text(&error["reasons"][0])))
            .collect()
    }
}

#[derive(Clone)]
pub struct Api(Router);

impl Api {
    pub async fn new() -> Self {
        let store = Store::connect("sqlite::memory:").await.unwrap();
        Self::of(Service::new().mount(store.migrate::<TaskEvent>().await.unwrap()))
    }

    pub fn of(service: Service) -> Self {
        Self(
            service
                .build()
                .unwrap()
                .fallback(eventsource_rest::not_found),
        )
    }

    /// Returns the path of every route, as axum knows them: none can be forgotten.
    pub fn routes(&self) -> BTreeSet<String> {
        let text = format!("{:?}", self.0);
        let (_, own) = text.split_once("paths: {").unwrap();
        // The braces of a parameter are within quotes, and followed by none.
        let (own, _) = own.split_once("} }").unwrap();
        let texts = own.split('"').skip(1).step_by(2);
        texts.map(str::to_owned).collect()
    }

    /// Returns the router, for tests that read a response piece by piece.
    pub fn router(&self) -> Router {
        self.0.clone()
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().uri(path).header("host", "localhost");
        let has_type = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if method == Method::POST && !has_type {
            request = request.header("content-type", "application/json");
        }
        request = request.method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], String::new()).await
    }

    pub async fn post(&self, body: Value) -> Answer {
        self.post_with(&[], body).await
    }

    pub async fn post_with(&self, headers: &[(&str, &str)], body: Value) -> Answer {
        self.post_to("/api/v1/task_event", headers, body).await
    }

    pub async fn post_to(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        self.call(Method::POST, path, headers, body.to_string())
            .await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.call(Method::GET, path, headers, String::new()).await
    }

    /// Returns the number of stored events.
    pub async fn count(&self) -> u64 {
        let page = self.get("/api/v1/task_event?limit=0").await;
        page.body["count"].as_u64().unwrap()
    }

    /// Creates a task in the state STARTED: four events.
    pub async fn started(&self) -> Uuid {
        let id = Uuid::now_v7();
        for body in [
            json!({"taskId": id, "eventType": "CREATED"}),
            json!({"taskId": id, "eventType": "ASSIGNED", "assignee": "ann"}),
            json!({"taskId": id, "eventType": "SCHEDULED", "deadline": "2026-04-21T00:00:00Z"}),
            json!({"taskId": id, "eventType": "STARTED"}),
        ] {
            assert_eq!(self.post(body).await.status, StatusCode::CREATED);
        }
        id
    }
}
