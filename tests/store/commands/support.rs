//! Commands on tasks.

use eventsource_core::{Command, Decision, Entity};
use tasks::TaskEvent::{self, Started};
use tasks::{TaskData, TaskEventType};

use crate::support::machines::{assigned, created, reassigned};

/// Why a task is not started.
#[derive(Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
pub enum CannotStart {
    #[error("the task is with {0:?}")]
    NotYours(Option<String>),
}

/// Starts a task that is with somebody.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Start {
    pub by: String,
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
            Some(assignee) if *assignee == self.by => Ok(Started.into()),
            assignee => Err(CannotStart::NotYours(assignee.clone())),
        }
    }
}

/// Gives a task to somebody, if it is not there already; creates it if need be.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Give {
    pub to: String,
}

impl Command<TaskEvent> for Give {
    const NAME: &'static str = "give";
    type State = TaskData;
    type Refusal = std::convert::Infallible;

    fn decide(
        &self,
        task: &Entity<TaskEvent, TaskData>,
    ) -> Result<Decision<TaskEvent>, Self::Refusal> {
        Ok(match &task.data.assignee {
            Some(assignee) if *assignee == self.to => ().into(),
            _ if task.head.is_none() => [created(), assigned(&self.to)].into(),
            _ if task.may(TaskEventType::Reassigned) => reassigned(&self.to).into(),
            _ => assigned(&self.to).into(),
        })
    }
}
