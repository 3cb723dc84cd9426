//! Generations of read models: the tables of one version, built from the first event.
//!
//! * `register`: begins those of new subscriptions and new versions.
//! * `subscriptions`: which generation is live, and which a program works on.
//! * `switch`: makes a generation that is level the live one, and drops what nobody uses.

pub(crate) mod register;
pub(crate) mod subscriptions;
pub(crate) mod switch;
