//! Events that may not be applied to a handle, with the reason.
use eventsource_core::{EntityId, Event};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "task", typestate, allow(dead_end))]
pub enum TaskEvent {
    Created,
    #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union())]
    Assigned { assignee: String },
    #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union())]
    Scheduled,
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    #[event(follows = any_of(Created, Started), accumulate = alias(Created))]
    Revised,
    #[event(follows = Started)]
    Completed,
    #[event(follows = Completed, auto_transition)]
    Ended,
}

fn what_has_not_happened(task: TaskHandle<task_states::AfterCreated>) {
    let _ = task.assigned("ann".to_owned()).started();
}

fn what_has_happened(task: TaskHandle<task_states::AfterCreated>) {
    let _ = task.assigned("ann".to_owned()).assigned("bob".to_owned());
}

fn what_is_not_known(task: TaskHandle) {
    let _ = task.started();
}

fn what_can_only_begin(task: TaskHandle<task_states::AfterStarted>) {
    let _ = task.created();
}

fn no_alternative(task: TaskHandle<task_states::AfterCompleted>) {
    let _ = task.revised();
}

fn perhaps_an_alternative(task: TaskHandle) {
    let _ = task.revised();
}

fn after_the_auto_transition() {
    let task: TaskHandle<task_states::BeforeStarted> = TaskHandle::new(EntityId::new())
        .created()
        .assigned("ann".to_owned())
        .scheduled();
    let _ = task.started().completed().completed();
}

fn what_is_written_by_itself(task: TaskHandle<task_states::AfterStarted>) {
    let _ = task.completed().ended();
}

fn main() {}
