//! Property tests of async code.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use tokio::runtime::Handle;

/// Number of values that a property is tried with. Each is several appends, and other tests run beside.
const CASES: u32 = 12;

/// Runs an async test for many values, and shrinks those that fail.
pub fn check<S: Strategy>(strategy: &S, test: impl AsyncFn(S::Value)) {
    check_cases(CASES, strategy, test);
}

/// Runs an async test for this number of values, and shrinks those that fail.
pub fn check_cases<S: Strategy>(cases: u32, strategy: &S, test: impl AsyncFn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let tried = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(strategy, |value| {
            Handle::current().block_on(test(value));
            Ok(())
        })
    });
    match tried {
        Ok(()) => {}
        Err(TestError::Fail(why, value)) => panic!("{why}\nby {value:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
