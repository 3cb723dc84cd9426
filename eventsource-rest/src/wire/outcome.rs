//! What a handler has done, for whoever counts: extensions of answers.

#![cfg_attr(
    not(feature = "metrics"),
    allow(dead_code, reason = "metrics alone tell of it")
)]

/// The events that an append stored, auto transitions too, or had stored before.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) event_types: Vec<&'static str>,
    pub(crate) replayed: bool,
}

/// What kind of problem an answer is, and of which event type if it is an append's.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) kind: String,
    pub(crate) event_type: Option<String>,
}
