//! The list of transitions that is pasted into a program's tests.

use eventsource_core::testing::transition_tests;

use crate::TaskEvent;

/// The list compiles, as far as it goes below.
mod pasted {
    use crate::TaskEvent;
    use eventsource_core::transitions;

    include!("transition_tests.txt");
}

#[test]
fn the_generated_test_list_is_the_one_that_compiles() {
    let tests = transition_tests::<TaskEvent>().with_illegal().to_string();
    assert_eq!(
        tests,
        include_str!("transition_tests.txt"),
        "now it is\n{tests}"
    );
}
