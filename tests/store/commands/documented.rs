//! The example of docs/runtime.md.

use eventsource_core::{Command, Decision, Entity, EntityId, EventStore, ExecuteError, Executed};
use tasks::{TaskData, TaskEvent};

use crate::support::database::Database;
use crate::support::machines::{assigned, created, scheduled};

on_every_database! {
    documented_command_starts_task,
}

// --- the example
/// Starts a task, for the one who has it.
struct Start {
    by: String,
}

#[derive(Debug, thiserror::Error)]
enum CannotStart {
    #[error("the task is with somebody else")]
    NotYours,
}

impl Command<TaskEvent> for Start {
    const NAME: &'static str = "start";
    type State = TaskData;
    type Refusal = CannotStart;

    fn decide(
        &self,
        task: &Entity<TaskEvent, TaskData>,
    ) -> Result<Decision<TaskEvent>, CannotStart> {
        match &task.data.assignee {
            Some(assignee) if *assignee == self.by => Ok(TaskEvent::Started.into()),
            _ => Err(CannotStart::NotYours),
        }
    }
}

async fn start(
    tasks: &EventStore<TaskEvent>,
    id: EntityId,
) -> Result<Executed<TaskEvent>, ExecuteError<CannotStart>> {
    let start = Start { by: "bob".into() };
    tasks.execute(id, start).by("bob").command_id("req-7").await
}
// --- end

async fn documented_command_starts_task(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let ready = tasks.append(id, created()).event(assigned("bob"));
    ready.event(scheduled()).await.unwrap();
    assert_eq!(start(&tasks, id).await.unwrap().events.len(), 1);
    assert!(start(&tasks, id).await.unwrap().replayed);
    let other = EntityId::new();
    tasks.append(other, created()).await.unwrap();
    let refused = tasks.execute(other, Start { by: "bob".into() }).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the task is with somebody else"
    );
}

#[test]
fn example_of_the_page_is_that_of_this_file() {
    let page = include_str!("../../../docs/runtime.md");
    let this = include_str!("documented.rs");
    let example = this.split("// --- the example\n").nth(1).unwrap();
    let example = example.split("// --- end").next().unwrap();
    assert!(page.contains(&format!("```rust\n{example}```")));
}
