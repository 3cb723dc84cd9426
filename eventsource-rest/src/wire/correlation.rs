//! Correlation and causation ids of a request.

/// Request extension whose ids an append copies to the metadata of its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Correlation {
    /// Trace id of the request, or else its request id.
    pub(crate) correlation_id: Option<String>,
    /// Request id.
    pub(crate) causation_id: Option<String>,
}
