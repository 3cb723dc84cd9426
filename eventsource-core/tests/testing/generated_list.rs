//! Generated list of transitions, pasted into the tests of a program.

use eventsource_core::testing::transition_tests;

use crate::TaskEvent;

/// Pasted list, the first lines of it.
mod pasted {
    use crate::TaskEvent;
    use eventsource_core::transitions;

    include!("transition_tests.txt");
}

#[test]
fn generated_transition_tests_equal_pasted_list() {
    let tests = transition_tests::<TaskEvent>().with_illegal().to_string();
    assert_eq!(
        tests,
        include_str!("transition_tests.txt"),
        "now it is\n{tests}"
    );
}
