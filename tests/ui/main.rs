//! UI tests of the derive: enums that compile, and the compiler messages for those that do not.
//!
//! `TRYBUILD=overwrite cargo test -p eventsource-ui-tests` writes the messages anew.

pub mod clean;

/// The rendering of messages changes with the compiler, so it is compared on one version. What
/// the derive itself says is compared on every version, by a unit test of `eventsource-macros`.
#[rustversion::stable(1.95)]
#[test]
fn messages_are_as_recorded() {
    trybuild::TestCases::new().compile_fail("fail/**/*.rs");
}

#[test]
fn valid_enums_compile() {
    trybuild::TestCases::new().pass("pass/*.rs");
}
