//! Task list, the example of microcosm-eventsource's README, as one enum.

use chrono::{DateTime, Utc};
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

/// What can happen to a task.
///
/// ```
/// use eventsource_core::{EventType, State};
/// use tasks::TaskEventType::{Assigned, Created, Scheduled, Started};
///
/// let ready: State<_> = [Created, Assigned, Scheduled].into_iter().collect();
/// assert!(Started.may_follow(ready));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    /// The task is on the list.
    Created {
        /// What is to be done.
        description: Option<String>,
    },
    /// Someone is to do it.
    #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union(), requires(assignee))]
    Assigned {
        /// Who.
        assignee: String,
    },
    /// It is to be done by a time.
    #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union(), requires(deadline))]
    Scheduled {
        /// When.
        deadline: DateTime<Utc>,
    },
    /// Work has begun.
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    /// Someone else is to do it.
    #[event(follows = Started, accumulate = keep(), requires(assignee))]
    Reassigned {
        /// Who.
        assignee: String,
    },
    /// It is to be done by another time.
    #[event(follows = Started, accumulate = keep(), requires(deadline))]
    Rescheduled {
        /// When.
        deadline: DateTime<Utc>,
    },
    /// It begins again, as if it had just been created.
    #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
    Revised,
    /// It will not be done.
    #[event(follows = Started, terminal)]
    Canceled,
    /// It is done.
    #[event(follows = Started)]
    Completed,
    /// The list has let go of it; follows by itself.
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
}
