//! Handles with other knowledge than a function requires.
use eventsource_core::Event;
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

fn start(task: TaskHandle<task_states::BeforeStarted>) -> TaskHandle<task_states::AfterStarted> {
    task.started()
}

fn too_early(task: TaskHandle<task_states::AfterAssigned>) {
    let _ = start(task);
}

fn only_forgotten(task: TaskHandle<task_states::AfterAssigned>) {
    let _ = start(task.widen());
}

fn not_narrowed_to_a_number(task: TaskHandle) {
    let _ = task.narrow::<u8>();
}

fn used_twice(task: TaskHandle<task_states::BeforeStarted>) {
    let _ = task.started();
    let _ = task.started();
}

fn main() {}
