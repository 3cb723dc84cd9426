//! Typed handles: a method for an event compiles only where the event is sure to be legal.
//!
//! `#[machine(entity = "task", typestate)]` on `TaskEvent` generates `TaskHandle<K>`: a task with a
//! method for each event. The type parameter `K` is the knowledge about the task's state: for each
//! event type, whether the state [`Has`] it, [`Lacks`] it, or [`Maybe`] has it. The module
//! `task_states` has names for `K`:
//!
//! | name | knowledge |
//! | --- | --- |
//! | `Nothing` | the task has no events: from `TaskHandle::new(id)` |
//! | `Anything` | none: from `TaskHandle::load(&tasks, id)`; the default of `K` |
//! | `AfterAssigned` | true after `Assigned` and the auto transitions that follow it |
//! | `BeforeStarted` | true in every state in which `Started` is legal |
//!
//! The methods only collect events; `append` stores them, all of them or none. The store checks
//! every append again, since the entity may have changed meanwhile.
//!
//! Files, each of which uses the event types of this crate and the model: `handle` (the trait of
//! all handles), `draft` (the entity and its pending events), `logic` (facts as types), `narrow`
//! (the check of a loaded state), `append` (the only one that uses the store).
//!
//! ```
//! # mod example {
//! use eventsource_core::{EntityId, Event, State};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Serialize, Deserialize, Event)]
//! #[machine(entity = "task", typestate)]
//! pub enum TaskEvent {
//!     Created { title: String },
//!     #[event(follows = Created & !Assigned, accumulate = union())]
//!     Assigned { assignee: String },
//!     #[event(follows = Assigned)]
//!     Started,
//! }
//!
//! fn start(task: TaskHandle<task_states::BeforeStarted>) -> TaskHandle<task_states::AfterStarted> {
//!     task.started()
//! }
//!
//! # pub fn main() {
//! let task = TaskHandle::new(EntityId::new())
//!     .created("paint".to_owned())
//!     .assigned("ann".to_owned());
//! assert_eq!(task.state().to_string(), "[ASSIGNED, CREATED]");
//! let task = start(task);
//! assert_eq!(task.pending().len(), 3);
//! // task.assigned("bob".to_owned()) does not compile: the state lacks `Created`
//! # }
//! # }
//! # example::main();
//! ```
//!
//! # With a store
//!
//! A loaded task may be in any state. `narrow` checks the state; if it does not fit, the error
//! gives the task back by [`NarrowError::into_handle`]:
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! # mod example {
//! # use eventsource_core::{EntityId, Event, Store};
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Debug, Serialize, Deserialize, Event)]
//! # #[machine(entity = "task", typestate)]
//! # pub enum TaskEvent {
//! #     Created { title: String },
//! #     #[event(follows = Created & !Assigned, accumulate = union())]
//! #     Assigned { assignee: String },
//! #     #[event(follows = Assigned)]
//! #     Started,
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tasks = Store::connect("sqlite::memory:").await?.migrate::<TaskEvent>().await?;
//! let id = EntityId::new();
//! let task = TaskHandle::new(id).created("paint".to_owned()).assigned("ann".to_owned());
//! task.append(&tasks).by("ann").await?;
//!
//! let Some(task) = TaskHandle::load(&tasks, id).await? else { panic!("the task is stored") };
//! let task: TaskHandle<task_states::BeforeStarted> = task.narrow()?;
//! let task = task.started().append(&tasks).await?;
//! assert_eq!(task.seq().get(), 3);
//!
//! let refused = task.narrow::<task_states::BeforeAssigned>().unwrap_err();
//! assert_eq!(
//!     refused.to_string(),
//!     "the state of the task is [STARTED], expected CREATED and not STARTED",
//! );
//! # Ok(())
//! # }
//! # }
//! # example::main().unwrap();
//! ```
//!
//! Two branches of a function can end with different knowledge about a task, and so with different
//! types. `widen` drops the knowledge that a function does not require: `start(task.widen())`.
//!
//! # Names of the methods
//!
//! The method of an event has the name of the variant in `snake_case`, followed by `_` if the handle has
//! a method of that name. Its parameters are the fields in the order of their declaration, or the payload
//! struct. The method takes precedence over a method that comes from `Deref`, such as [`Draft::id`].

#[cfg(feature = "_store")]
mod append;
mod draft;
mod handle;
mod logic;
mod narrow;
#[cfg(test)]
mod tests;

#[cfg(feature = "_store")]
pub use append::{HandleAppend, HandleAppendError};
pub use draft::Draft;
pub use handle::Handle;
pub use logic::{Has, Lacks, Maybe};
pub use narrow::NarrowError;

/// Items that generated code refers to, beside the public ones.
#[doc(hidden)]
pub mod __private {
    pub use eventsource_model::Knowledge;

    pub use super::logic::{
        Clause, Fact, Holds, Implies, Missing, NoEvent, Present, Proved, Refuted, Truth, Undecided,
        Unsure, known,
    };
    pub use super::narrow::narrow;
}
