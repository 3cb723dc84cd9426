//! What is known about an event beside what happened.

use serde::{Deserialize, Serialize};

/// Who caused an event, and why (X12, O18).
///
/// ```
/// use eventsource_core::Metadata;
///
/// let mut metadata = Metadata::default();
/// metadata.actor = Some("ann".into());
/// assert_eq!(serde_json::to_string(&metadata).unwrap(), r#"{"actor":"ann"}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The names of the roles in which they did it (C5), sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What it belongs to, such as the request or the business case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// What directly led to it, such as a command or another event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    /// The caller's name for the request: a repeat appends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}
