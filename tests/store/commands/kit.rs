//! The testing kit: commands without a database.

use std::panic::{AssertUnwindSafe, catch_unwind};

use eventsource_core::testing::given;
use tasks::TaskEvent::{self, Canceled, Completed, Started};
use tasks::TaskEventType;

use super::accounts::{AccountEvent, TooLittle, Withdraw, WithdrawOrDecline};
use super::support::{CannotStart, Give, Start};
use crate::support::machines::{assigned, created, scheduled, until_started};

/// Returns the message of a test that fails.
fn failure(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).unwrap_err();
    *panic.downcast::<String>().expect("a message")
}

fn ready() -> [TaskEvent; 3] {
    [created(), assigned("ann"), scheduled()]
}

fn start(by: &str) -> Start {
    Start { by: by.into() }
}

#[test]
fn decision_is_compared_with_what_is_expected() {
    given(ready()).when(start("ann")).then([Started]);
    given(ready()).when(Give { to: "ann".into() }).then([]);
    given([])
        .when(Give { to: "bob".into() })
        .then([created(), assigned("bob")]);
    given(ready())
        .when(start("ann"))
        .then_never(TaskEventType::Completed);

    let message = failure(|| given(ready()).when(start("ann")).then([Completed, Started]));
    assert_eq!(
        message,
        "the command has decided otherwise after [ASSIGNED, CREATED, SCHEDULED]:\n  - Completed\n  \
         + Started\n  - Started"
    );
    let message = failure(|| {
        given(ready()).when(start("bob")).then([Started]);
    });
    assert!(
        message.starts_with("the command has refused after") && message.contains("  - Started"),
        "{message}"
    );
    let message = failure(|| {
        given(ready())
            .when(start("ann"))
            .then_never(TaskEventType::Started);
    });
    assert!(
        message.starts_with("'STARTED' has happened after"),
        "{message}"
    );
}

#[test]
fn refusal_is_compared_with_what_is_expected() {
    let not_yours = || CannotStart::NotYours(Some("ann".into()));
    given(ready()).when(start("bob")).refused(not_yours());
    assert_eq!(given(ready()).when(start("bob")).refusal(), not_yours());
    let message = failure(|| {
        let other = CannotStart::NotYours(None);
        given(ready()).when(start("bob")).refused(other);
    });
    assert!(
        message.contains("- NotYours(None)\n  + NotYours(Some(\"ann\"))"),
        "{message}"
    );
    let message = failure(|| given(ready()).when(start("ann")).refused(not_yours()));
    assert!(
        message.contains("has decided after") && message.contains("+ Started"),
        "{message}"
    );
}

#[test]
fn rules_hold_as_in_a_store() {
    given([created(), assigned("ann")])
        .when(start("ann"))
        .illegal();
    let message = failure(|| {
        given([created(), assigned("ann")])
            .when(start("ann"))
            .then([Started]);
    });
    assert!(
        message.contains("'STARTED' may not follow [ASSIGNED, CREATED]"),
        "{message}"
    );
    let message = failure(|| drop(given([Started])));
    assert!(
        message.starts_with("the events before the command are illegal"),
        "{message}"
    );
    // An auto transition is there by itself.
    given(until_started())
        .and([Completed])
        .then_never(TaskEventType::Canceled);
    given(until_started())
        .and([Canceled])
        .then_never(TaskEventType::Ended);
    let message = failure(|| given(until_started()).then_never(TaskEventType::Ended));
    assert!(
        message.contains("can still happen after [STARTED]"),
        "{message}"
    );
}

#[test]
fn recorded_rejection_is_told_from_a_decision() {
    let with = |cents| given([AccountEvent::Opened, AccountEvent::Deposited { cents }]);
    let declined = || AccountEvent::Declined { cents: 8 };
    with(7).when(WithdrawOrDecline(8)).rejected(declined());
    failure(|| with(8).when(WithdrawOrDecline(8)).rejected(declined()));
    let (balance, asked) = (7, 8);
    with(7)
        .when(Withdraw(8))
        .refused(TooLittle { balance, asked });
}
