//! The task list of microcosm's README, taken literally: `Revised` has no `accumulate`.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union())]
    Assigned {
        assignee: String,
    },
    #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union())]
    Scheduled {
        deadline: String,
    },
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    #[event(follows = Started, accumulate = keep())]
    Reassigned {
        assignee: String,
    },
    #[event(follows = Started, accumulate = keep())]
    Rescheduled {
        deadline: String,
    },
    #[event(follows = any_of(Created, Started), restarting)]
    Revised,
    #[event(follows = Started, terminal)]
    Canceled,
    #[event(follows = Started, terminal)]
    Completed,
}

fn main() {}
