//! Response extensions that report the outcome of a handler to the metrics.

#![cfg_attr(
    not(feature = "metrics"),
    allow(dead_code, reason = "read by the metrics only")
)]

/// Events that an append stored, auto transitions included.
#[derive(Clone, Debug)]
pub(crate) struct AppendOutcome {
    /// Event types, in the order of the events.
    pub(crate) event_types: Vec<&'static str>,
    /// Whether an earlier request with the same idempotency key stored them.
    pub(crate) replayed: bool,
}

/// Kind of the problem that a response reports.
#[derive(Clone, Debug)]
pub(crate) struct ProblemOutcome {
    /// Last segment of the problem's `type`.
    pub(crate) kind: String,
    /// Event type that was refused, if the request was an append.
    pub(crate) event_type: Option<String>,
}
