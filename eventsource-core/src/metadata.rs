//! Metadata of an event: actor, correlation, causation and idempotency key.

#[cfg(feature = "postgres")]
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
#[cfg(feature = "postgres")]
use serde_json::value::RawValue;

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

#[cfg(feature = "postgres")]
impl Metadata {
    /// Reads a stored JSON object; of members with equal names the last counts, as for the database.
    pub(crate) fn of_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).or_else(|error| {
            let members = serde_json::from_str::<BTreeMap<String, &RawValue>>(text);
            let members = members.and_then(|members| serde_json::to_string(&members));
            members.map_or(Err(error), |members| serde_json::from_str(&members))
        })
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    #[test]
    fn last_of_members_with_equal_names_counts() {
        let deep = "[".repeat(500) + &"]".repeat(500);
        let text = format!(
            r#"{{"actor": 7, "other": {deep}, "actor": {deep}, "roles": 1e999, "\u0061ctor": "ann", "roles": ["R"]}}"#
        );
        let metadata = Metadata::of_text(&text).unwrap();
        let expected = Metadata {
            actor: Some("ann".to_owned()),
            roles: vec!["R".to_owned()],
            ..Metadata::default()
        };
        assert_eq!(metadata, expected);
        assert!(Metadata::of_text(r#"{"actor": 7}"#).is_err());
    }
}
