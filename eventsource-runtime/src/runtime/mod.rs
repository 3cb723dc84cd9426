//! What a program registers, builds and runs.
//!
//! * `handle`: the runtime, which runs subscriptions and lets people act on them.
//! * `builder`: what a program registers, and what is wrong with it.

pub(crate) mod builder;
pub(crate) mod handle;
