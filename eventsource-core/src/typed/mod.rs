//! Handles whose methods exist for legal events only.
//!
//! `#[machine(entity = "task", typestate)]` on `TaskEvent` generates `TaskHandle<K>`: a task with a
//! method for each event, which compiles if the event is sure to be legal. `K` is what is known of
//! the task's state: for each event type whether the state [`Has`] it, [`Lacks`] it, or
//! [`Maybe`] has it. The module `task_states` has the names to write for `K`:
//!
//! | name | what is known |
//! | --- | --- |
//! | `Nothing` | that nothing has happened: a task from `TaskHandle::new(id)` |
//! | `Anything` | nothing: a task from `TaskHandle::load(&tasks, id)`; it may be left out |
//! | `AfterAssigned` | what is true after `Assigned`, and the auto transitions that follow it |
//! | `BeforeStarted` | what is true wherever `Started` is legal |
//!
//! The methods only collect events; `append` stores them, all of them or none. They do not replace
//! the check of the store, which judges every append again: events come from outside.
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
//! // task.assigned("bob".to_owned()) is an error of the compiler: the state lacks `Created`
//! # }
//! # }
//! # example::main();
//! ```
//!
//! # With a store
//!
//! A task that is loaded may be in any state. `narrow` looks, and gives the task back if it is
//! otherwise, by [`NarrowError::into_handle`]:
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
//! let Some(task) = TaskHandle::load(&tasks, id).await? else { panic!("it is there") };
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
//! Two tasks that began as one and went different ways differ in what is known of them. `widen`
//! forgets what a function does not ask for: `start(task.widen())`.
//!
//! # What the methods are
//!
//! The method of an event has its name in `snake_case`, with `_` behind it if the handle has a
//! method of that name, and takes its fields in the order in which they are declared, or its
//! payload struct. A method that `Deref` gives, such as [`Draft::id`], gives way to an event's.

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

/// What generated code names beside the public items.
#[doc(hidden)]
pub mod __private {
    pub use eventsource_model::Knowledge;

    pub use super::logic::{
        Clause, Fact, Holds, Implies, Missing, NoEvent, Present, Proved, Refuted, Truth, Undecided,
        Unsure, known,
    };
    pub use super::narrow::narrow;
}
