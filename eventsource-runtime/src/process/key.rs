//! Key of a process: which of its instances is meant.

use eventsource_core::EntityId;
use uuid::Uuid;

/// Namespace of the entity ids of processes.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f1c_8f3e_8f8b_4d0e_9a57_2f4c_b6d1_70e3);

/// Key that names an instance of a [`Process`](crate::Process), such as the id of the order that it
/// fulfils.
///
/// The instance is an entity, whose id is made from the name of the process and this key. So equal
/// keys are one instance, whoever names it and how often.
///
/// ```
/// use eventsource_core::EntityId;
/// use eventsource_runtime::ProcessKey;
///
/// let order = EntityId::new();
/// assert_eq!(ProcessKey::from(order), ProcessKey::from(order.to_string()));
/// assert_ne!(ProcessKey::from("2026-12"), ProcessKey::from("2027-01"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessKey(String);

impl ProcessKey {
    /// Returns the id of the instance that this key names, of the process of this name.
    pub(crate) fn entity_id(&self, process: &str) -> EntityId {
        // A name has no slash, so no two pairs of name and key are one text.
        let name = format!("{process}/{}", self.0);
        Uuid::new_v5(&NAMESPACE, name.as_bytes()).into()
    }
}

impl From<EntityId> for ProcessKey {
    fn from(id: EntityId) -> Self {
        Self(id.to_string())
    }
}

impl From<String> for ProcessKey {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl From<&str> for ProcessKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl From<i64> for ProcessKey {
    fn from(key: i64) -> Self {
        Self(key.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids are stored: they may not change.
    #[test]
    fn id_depends_on_name_and_key_only() {
        let id = ProcessKey::from("7").entity_id("fulfilment");
        assert_eq!(id, ProcessKey::from(7).entity_id("fulfilment"));
        assert_eq!(id.to_string(), "c3a45921-ea27-5340-a359-d8c7874a482c");
        assert_ne!(id, ProcessKey::from("7").entity_id("billing"));
        assert_ne!(id, ProcessKey::from("8").entity_id("fulfilment"));
    }
}
