//! Generated transition tests of the task list, as a user would paste them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec, render};

fn task() -> Machine {
    let event = |name: &str| Formula::event(name);
    let without = |name: &str| Formula::all_of([event("CREATED"), Formula::but_not(event(name))]);
    Machine::compile(&MachineSpec::new(
        "task",
        [
            EventSpec::new("CREATED"),
            EventSpec::new("ASSIGNED")
                .follows(without("ASSIGNED"))
                .accumulate(Accumulator::Union),
            EventSpec::new("SCHEDULED")
                .follows(without("SCHEDULED"))
                .accumulate(Accumulator::Union),
            EventSpec::new("STARTED")
                .follows(Formula::all_of([event("ASSIGNED"), event("SCHEDULED")])),
            EventSpec::new("REASSIGNED")
                .follows(event("STARTED"))
                .accumulate(Accumulator::Keep),
            EventSpec::new("REVISED")
                .follows(Formula::any_of([event("CREATED"), event("STARTED")]))
                .accumulate(Accumulator::Alias("CREATED".to_owned())),
            EventSpec::new("COMPLETED").follows(event("STARTED")),
            EventSpec::new("ENDED")
                .follows(event("COMPLETED"))
                .auto_transition(),
        ],
    ))
    .unwrap()
}

#[test]
fn covers_every_step_of_the_task_list() {
    let machine = task();
    let tests = render::transition_tests(&machine, "TaskEvent").variants([
        "Created",
        "Assigned",
        "Scheduled",
        "Started",
        "Reassigned",
        "Revised",
        "Completed",
        "Ended",
    ]);
    assert_eq!(
        tests.to_string(),
        "\
transitions!(TaskEvent: Created -> Revised => {Created});
transitions!(TaskEvent: Created -> Assigned -> Revised => {Created});
transitions!(TaskEvent: Created -> Scheduled -> Assigned => {Created, Assigned, Scheduled});
transitions!(TaskEvent: Created -> Scheduled -> Revised => {Created});
transitions!(TaskEvent: Created -> Assigned -> Scheduled -> Revised => {Created});
transitions!(TaskEvent: Created -> Assigned -> Scheduled -> Started -> Reassigned => {Started});
transitions!(TaskEvent: Created -> Assigned -> Scheduled -> Started -> Revised => {Created});
transitions!(TaskEvent: Created -> Assigned -> Scheduled -> Started -> Completed -> Ended
    => {Ended});
"
    );
}

/// A machine has no variants; its stored names are used.
#[test]
fn stored_names_are_used_without_variants() {
    let machine = task();
    let tests = render::transition_tests(&machine, "TaskEvent").to_string();
    let first = "transitions!(TaskEvent: CREATED -> REVISED => {CREATED});";
    assert_eq!(tests.lines().next(), Some(first));
}

#[test]
fn with_illegal_tests_each_illegal_event_in_each_waiting_state() {
    let machine = task();
    let tests = render::transition_tests(&machine, "TaskEvent").with_illegal();
    let text = tests.to_string();
    let count = |pattern: &str| text.matches(pattern).count();
    // Eight event types in seven states, the empty one among them; 13 steps are legal. In an eighth
    // state, COMPLETED, no event is waited for: ENDED is due.
    assert_eq!(count("-/->"), 8 * 7 - 13);
    assert!(text.contains("\ntransitions!(TaskEvent: -/-> ASSIGNED);\n"));
    assert!(!text.contains("COMPLETED -/->"));
}

#[test]
fn incomplete_list_has_a_comment() {
    let machine = task();
    let tests = render::transition_tests(&machine, "TaskEvent").max_states(3);
    let text = tests.to_string();
    let first = "// Not all of 'task': it has more than 3 states.";
    assert_eq!(text.lines().next(), Some(first));
    assert!(text.lines().count() > 1);
}
