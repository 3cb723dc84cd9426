//! Metadata of an event: actor, correlation, causation and idempotency key.

use serde::{Deserialize, Serialize};

/// Metadata of an event: actor, roles, correlation, causation and idempotency key.
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
    /// Name of the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Names of the actor's roles at that time, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Id of the request or business case that the event belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Id of the command or event that directly caused the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    /// Name that the caller gave the request; a repeat with an equal key appends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}
