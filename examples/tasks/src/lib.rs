//! Task list, the example of microcosm-eventsource's README, as one enum.

use chrono::{DateTime, Utc};
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

/// Events of a task.
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
    /// The task is put on the list.
    Created {
        /// Work to be done.
        description: Option<String>,
    },
    /// A person is assigned.
    #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union(), requires(assignee))]
    Assigned {
        /// Person who is to do the task.
        assignee: String,
    },
    /// A deadline is set.
    #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union(), requires(deadline))]
    Scheduled {
        /// Time by which the task is to be done.
        deadline: DateTime<Utc>,
    },
    /// Work begins.
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    /// Another person is assigned.
    #[event(follows = Started, accumulate = keep(), requires(assignee))]
    Reassigned {
        /// Person who is to do the task.
        assignee: String,
    },
    /// Another deadline is set.
    #[event(follows = Started, accumulate = keep(), requires(deadline))]
    Rescheduled {
        /// Time by which the task is to be done.
        deadline: DateTime<Utc>,
    },
    /// The task begins again, as if it had just been created.
    #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
    Revised,
    /// The task is given up.
    #[event(follows = Started, terminal)]
    Canceled,
    /// The task is done.
    #[event(follows = Started)]
    Completed,
    /// The task leaves the list; an auto transition.
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
}
