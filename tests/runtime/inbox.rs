//! Commands that are submitted, and executed by a runtime.

use std::convert::Infallible;

use eventsource_core::{Command, CommandOutcome, Decision, Entity, EntityId};
use eventsource_runtime::Runtime;
use serde::{Deserialize, Serialize};
use tasks::{TaskData, TaskEvent};
use tokio::sync::oneshot;

use crate::support::database::Database;
use crate::support::waiting::until;

on_every_database! {
    submitted_commands_are_executed_by_runtime,
}

/// Creates a task.
#[derive(Serialize, Deserialize)]
struct Create {
    description: String,
}

#[derive(Debug, thiserror::Error, Serialize)]
enum CannotCreate {
    #[error("the task is there")]
    Exists,
}

impl Command<TaskEvent> for Create {
    const NAME: &'static str = "create";
    type State = TaskData;
    type Refusal = CannotCreate;

    fn decide(
        &self,
        task: &Entity<TaskEvent, TaskData>,
    ) -> Result<Decision<TaskEvent>, CannotCreate> {
        let description = Some(self.description.clone());
        match task.head {
            None => Ok(TaskEvent::Created { description }.into()),
            Some(_) => Err(CannotCreate::Exists),
        }
    }
}

async fn submitted_commands_are_executed_by_runtime(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    database.store().migrate_runtime().await.unwrap();
    let runtime = Runtime::new(database.store()).commands::<TaskEvent, Create>(&tasks);
    let runtime = runtime.build().await.unwrap();
    let create = |id, command_id: &str| {
        let description = "paint".to_owned();
        tasks
            .execute(id, Create { description })
            .command_id(command_id)
    };
    let outcome = async |id, command_id: &str| {
        let command = tasks.command(id, command_id, None).await;
        command.unwrap().unwrap().outcome
    };
    let first = EntityId::new();
    create(first, "1").submit().await.unwrap();
    create(first, "2").submit().await.unwrap();
    runtime.settle().await.unwrap();
    let created = outcome(first, "1").await;
    assert!(
        matches!(created, CommandOutcome::Accepted { seqs: Some(_) }),
        "{created:?}"
    );
    let refused = outcome(first, "2").await;
    let CommandOutcome::Refused { message, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(message, "the task is there");

    let (stop, stopped) = oneshot::channel::<Infallible>();
    let running = tokio::spawn(runtime.run_until(async {
        let _ = stopped.await;
    }));
    let second = EntityId::new();
    create(second, "3").submit().await.unwrap();
    until(async || !matches!(outcome(second, "3").await, CommandOutcome::Pending { .. })).await;
    assert_eq!(tasks.history(second).await.unwrap().len(), 1);
    drop(stop);
    running.await.unwrap();
}
