//! Commands over HTTP.

use axum::http::{Method, StatusCode};
use eventsource_core::{Command, Decision, Entity, Store};
use eventsource_rest::{BuildError, Service};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tasks::{TaskData, TaskEvent};

use crate::client::{Answer, Api};

/// Begins a task.
#[derive(Deserialize)]
struct Create {
    description: String,
}

impl Command<TaskEvent> for Create {
    const NAME: &'static str = "create";
    type State = TaskData;
    type Refusal = Refused;

    fn decide(&self, task: &Entity<TaskEvent, TaskData>) -> Result<Decision<TaskEvent>, Refused> {
        if task.head.is_some() {
            return Err(Refused::Exists);
        }
        let description = Some(self.description.clone());
        Ok(TaskEvent::Created { description }.into())
    }
}

/// Assigns a task, once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assign {
    to: String,
}

impl Command<TaskEvent> for Assign {
    const NAME: &'static str = "assign";
    type State = TaskData;
    type Refusal = Refused;

    fn decide(&self, task: &Entity<TaskEvent, TaskData>) -> Result<Decision<TaskEvent>, Refused> {
        match &task.data.assignee {
            Some(assignee) if *assignee == self.to => Ok(().into()),
            Some(assignee) => Err(Refused::TakenBy(assignee.clone())),
            None => {
                let assignee = self.to.clone();
                Ok(TaskEvent::Assigned { assignee }.into())
            }
        }
    }
}

/// Completes a task.
#[derive(Deserialize)]
struct Complete;

impl Command<TaskEvent> for Complete {
    const NAME: &'static str = "complete";
    type State = TaskData;
    type Refusal = Refused;

    fn decide(&self, _: &Entity<TaskEvent, TaskData>) -> Result<Decision<TaskEvent>, Refused> {
        Ok(TaskEvent::Completed.into())
    }
}

#[derive(Debug, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
enum Refused {
    #[error("the task exists")]
    Exists,
    #[error("the task is of {0}")]
    TakenBy(String),
}

async fn service() -> Service {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    Service::new()
        .mount(store.migrate::<TaskEvent>().await.unwrap())
        .command::<TaskEvent, Create>()
        .command::<TaskEvent, Assign>()
        .command::<TaskEvent, Complete>()
}

async fn give(api: &Api, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let path = format!("/api/v1/task/{path}");
    api.call(Method::POST, &path, headers, body.to_string())
        .await
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn created(api: &Api) -> String {
    let answer = give(
        api,
        "command/create",
        &[JSON],
        json!({"description": "wash"}),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body["taskId"].as_str().unwrap().to_owned()
}

async fn history(api: &Api, id: &str) -> Vec<Value> {
    let answer = api.get(&format!("/api/v1/task/{id}/history")).await;
    answer.body.as_array().unwrap().clone()
}

#[tokio::test]
async fn command_stores_what_it_decides() {
    let api = Api::of(service().await);
    let id = created(&api).await;
    let path = format!("{id}/command/assign");
    let answer = give(&api, &path, &[JSON], json!({"to": "ann"})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("etag"), "\"2\"");
    assert_eq!(answer.body["outcome"], "accepted");
    assert_eq!(answer.body["events"][0]["eventType"], "ASSIGNED");
    assert_eq!(answer.body["events"][0]["assignee"], "ann");
    assert_eq!(answer.body["events"], json!([history(&api, &id).await[1]]));
    // Nothing to do is no refusal.
    let answer = give(&api, &path, &[JSON], json!({"to": "ann"})).await;
    assert_eq!(
        (answer.status, &answer.body["events"]),
        (StatusCode::OK, &json!([]))
    );
    assert_eq!(history(&api, &id).await.len(), 2);
}

#[tokio::test]
async fn refusal_of_command_is_422_with_its_fields() {
    let api = Api::of(service().await);
    let id = created(&api).await;
    let path = format!("{id}/command/assign");
    give(&api, &path, &[JSON], json!({"to": "ann"})).await;
    let answer = give(&api, &path, &[JSON], json!({"to": "bob"})).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["type"], "/problems/command-refused");
    assert_eq!(answer.body["detail"], "the task is of ann");
    assert_eq!(answer.body["refusal"], json!({"takenBy": "ann"}));
    // The rules of the machine hold for commands, too.
    let answer = give(&api, &format!("{id}/command/complete"), &[JSON], json!({})).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.body["type"], "/problems/illegal-state-transition");
    assert_eq!(history(&api, &id).await.len(), 2);
}

#[tokio::test]
async fn command_id_makes_a_repeat_harmless() {
    let api = Api::of(service().await);
    let headers = [JSON, ("Idempotency-Key", "req-7")];
    let body = json!({"description": "wash"});
    let first = give(&api, "command/create", &headers, body.clone()).await;
    assert_eq!(first.body["commandId"], "req-7");
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = give(&api, "command/create", &headers, body).await;
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_id_of_many_clients_has_one_outcome() {
    let api = Api::of(service().await);
    let id = created(&api).await;
    let clients = (0..8).map(|client| {
        let (api, path) = (api.clone(), format!("{id}/command/assign"));
        tokio::spawn(async move {
            let headers = [JSON, ("Idempotency-Key", "one")];
            let body = json!({"to": format!("client {client}")});
            give(&api, &path, &headers, body).await.body
        })
    });
    let mut outcomes = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        outcomes.push(client.await.unwrap()["events"].clone());
    }
    assert!(outcomes[0].is_array(), "{outcomes:?}");
    assert!(
        outcomes.iter().all(|outcome| *outcome == outcomes[0]),
        "{outcomes:?}"
    );
    assert_eq!(history(&api, &id).await.len(), 2);
}

#[tokio::test]
async fn command_obeys_the_condition_of_its_request() {
    let api = Api::of(service().await);
    let id = created(&api).await;
    let path = format!("{id}/command/assign");
    let body = json!({"to": "ann"});
    let answer = give(&api, &path, &[JSON, ("If-Match", "\"7\"")], body.clone()).await;
    assert_eq!(
        answer.status,
        StatusCode::PRECONDITION_FAILED,
        "{}",
        answer.text
    );
    let answer = give(&api, &path, &[JSON, ("If-Match", "\"1\"")], body).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn bad_requests_of_commands_are_told_and_store_nothing() {
    let api = Api::of(service().await);
    let id = created(&api).await;
    let assign = format!("{id}/command/assign");
    for (path, headers, body, status) in [
        (&*assign, &[JSON][..], "{\"to\": 3}", 422),
        (&assign, &[JSON], "{\"to\": \"ann\", \"for\": 1}", 422),
        (&assign, &[JSON], "", 422),
        (&assign, &[JSON], "{", 422),
        (&assign, &[JSON], "[]", 422),
        (&assign, &[("Content-Type", "text/plain")], "{}", 415),
        (&format!("{id}/command/vanish"), &[JSON], "{}", 404),
        ("no-id/command/assign", &[JSON], "{\"to\": \"ann\"}", 404),
        ("command/vanish", &[JSON], "{}", 404),
        ("command/assign", &[JSON], "{\"to\": \"ann\"}", 403),
    ] {
        let path = format!("/api/v1/task/{path}");
        let answer = api
            .call(Method::POST, &path, headers, body.to_owned())
            .await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{path} {body}: {}",
            answer.text
        );
    }
    let answer = api.get(&format!("/api/v1/task/{assign}")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(history(&api, &id).await.len(), 1);
    // A command without fields needs no body.
    let complete = format!("/api/v1/task/{id}/command/complete");
    let answer = api
        .call(Method::POST, &complete, &[JSON], String::new())
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
}

#[tokio::test]
async fn commands_are_in_the_document() {
    let api = Api::of(service().await);
    let document = api.get("/api/openapi.json").await.body;
    let post = &document["paths"]["/api/v1/task/{id}/command/assign"]["post"];
    let schema = &post["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(
        *schema,
        json!({
            "type": "object", "properties": {"to": {"type": "string", "pattern": "^[^\\u0000]*$"}}, "required": ["to"],
            "additionalProperties": false,
        })
    );
    assert_eq!(post["operationId"], "executeTaskByAssign");
    assert!(
        document["paths"]
            .get("/api/v1/task/command/create")
            .is_some()
    );
}

#[tokio::test]
async fn commands_that_do_not_fit_are_not_built() {
    struct Spaced;
    impl<'de> Deserialize<'de> for Spaced {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
        }
    }
    impl Command<TaskEvent> for Spaced {
        const NAME: &'static str = "a/b";
        type State = TaskData;
        type Refusal = Refused;
        fn decide(&self, _: &Entity<TaskEvent, TaskData>) -> Result<Decision<TaskEvent>, Refused> {
            Ok(().into())
        }
    }
    let twice = service().await.command::<TaskEvent, Assign>().build();
    let (entity, name) = ("task", "assign");
    assert_eq!(
        twice.unwrap_err(),
        BuildError::DuplicateCommand { entity, name }
    );
    let spaced = service().await.command::<TaskEvent, Spaced>().build();
    let (entity, name) = ("task", "a/b");
    assert_eq!(
        spaced.unwrap_err(),
        BuildError::CommandName { entity, name }
    );
    let alone = Service::new().command::<TaskEvent, Assign>().build();
    assert_eq!(alone.unwrap_err(), BuildError::UnknownMachine { entity });
}
