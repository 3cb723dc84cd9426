use std::panic::{AssertUnwindSafe, catch_unwind};

use super::ConstPath;
use crate::{Accumulator, EventSpec, Formula, Machine, MachineSpec, ReadRule};

const CREATED: u8 = 0;
const ASSIGNED: u8 = 1;
const SCHEDULED: u8 = 2;
const STARTED: u8 = 3;
const COMPLETED: u8 = 4;
const ENDED: u8 = 5;

/// Builds a machine that lives as long as the tests run.
fn machine() -> &'static Machine {
    let event = Formula::event;
    let once = |name| Formula::all_of([event("Created"), Formula::but_not(event(name))]);
    let machine = Machine::compile(&MachineSpec::new(
        "task",
        [
            EventSpec::new("Created"),
            EventSpec::new("Assigned")
                .follows(once("Assigned"))
                .accumulate(Accumulator::Union),
            EventSpec::new("Scheduled")
                .follows(once("Scheduled"))
                .accumulate(Accumulator::Union),
            EventSpec::new("Started")
                .follows(Formula::all_of([event("Assigned"), event("Scheduled")])),
            EventSpec::new("Completed").follows(event("Started")),
            EventSpec::new("Ended")
                .follows(event("Completed"))
                .auto_transition(),
        ],
    ))
    .unwrap();
    Box::leak(Box::new(machine))
}

fn path() -> ConstPath {
    ConstPath::new(machine(), &[])
}

/// Returns the message of the panic.
fn said(step: impl FnOnce() -> ConstPath) -> String {
    let panic = catch_unwind(AssertUnwindSafe(step)).expect_err("a wrong step");
    *panic.downcast::<String>().expect("formatted")
}

#[test]
fn legal_path_is_accepted() {
    let _ = path()
        .then_never(ASSIGNED)
        .then(CREATED)
        .reaching(&[CREATED])
        .then_never(STARTED)
        .then(ASSIGNED)
        .then(SCHEDULED)
        .reaching(&[SCHEDULED, CREATED, ASSIGNED])
        .then(STARTED)
        .then(COMPLETED)
        .then(ENDED)
        .reaching(&[ENDED]);
}

#[test]
fn illegal_step_names_the_missing_events() {
    let assigned = path().then(CREATED).then(ASSIGNED);
    assert_eq!(
        said(|| assigned.then(STARTED)),
        "event `Started` may not follow {Created, Assigned}\n\
         = note: legal here: `Scheduled`\n\
         = help: it needs `Scheduled`"
    );
    assert_eq!(
        said(|| assigned.then(ASSIGNED)),
        "event `Assigned` may not follow {Created, Assigned}\n\
         = note: legal here: `Scheduled`\n\
         = help: it needs a state without `Assigned`"
    );
    assert_eq!(
        said(|| assigned.then(CREATED)),
        "event `Created` may not follow {Created, Assigned}\n\
         = note: legal here: `Scheduled`\n\
         = help: it is legal only where nothing has happened"
    );
    assert_eq!(
        said(|| path().starting_in(&[ASSIGNED]).then(ASSIGNED)),
        "event `Assigned` may not follow {Assigned}\n\
         = note: nothing is legal here\n\
         = help: it needs `Created`, and a state without `Assigned`"
    );
    assert_eq!(
        said(|| path().then(STARTED)),
        "event `Started` may not be the first\n\
         = note: legal here: `Created`\n\
         = help: it needs `Assigned`, `Scheduled`"
    );
}

#[test]
fn wrong_expectation_is_an_error() {
    let created = path().then(CREATED);
    assert_eq!(
        said(|| created.then_never(ASSIGNED)),
        "event `Assigned` may follow {Created}, but the path says that it may not"
    );
    assert_eq!(
        said(|| path().then_never(CREATED)),
        "event `Created` may be the first, but the path says that it may not"
    );
    assert_eq!(
        said(|| created.reaching(&[])),
        "the state here is {Created}, but the path says {}"
    );
}

#[test]
fn event_before_a_due_auto_transition_is_an_error() {
    let completed = path().starting_in(&[STARTED]).then(COMPLETED);
    assert_eq!(
        said(|| completed.then(COMPLETED)),
        "event `Completed` may not follow {Completed}, where `Ended` is written by itself\n\
         = help: write `-> Ended` before it"
    );
    // The rule is not evaluated while an auto transition is due.
    let both = path().starting_in(&[STARTED, COMPLETED]);
    let _ = both.then_never(COMPLETED).then(ENDED);
    assert!(said(|| both.then(COMPLETED)).contains("is written by itself"));
    assert_eq!(
        said(|| both.then_never(ENDED)),
        "event `Ended` may follow {Started, Completed}, but the path says that it may not"
    );
}

#[test]
fn messages_use_the_names_of_variants() {
    let path = ConstPath::new(machine(), &["A", "B", "C", "D", "E", "F"]);
    assert!(said(|| path.then(ASSIGNED)).starts_with("event `B` may not be the first"));
}

#[test]
fn enum_with_errors_accepts_every_path() {
    let stub = Box::leak(Box::new(Machine::from_table(
        "".into(),
        (&[]).into(),
        ReadRule::OPEN,
    )));
    let _ = ConstPath::new(stub, &[])
        .then(ENDED)
        .then_never(ENDED)
        .reaching(&[CREATED])
        .starting_in(&[STARTED])
        .then(STARTED);
}

#[test]
fn long_message_is_truncated_between_pieces() {
    let name: &'static str = String::leak("ß".repeat(900));
    let variants: &'static [&'static str] = Vec::leak(vec![name; 6]);
    let message = said(|| ConstPath::new(machine(), variants).then(STARTED));
    assert!(message.starts_with("event `ß"), "{message}");
    assert!(
        message.ends_with(" may not be the first\n= note: legal here: `"),
        "{message}"
    );
}
