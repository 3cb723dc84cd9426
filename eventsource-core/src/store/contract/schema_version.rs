//! TODO

/// What a database has registered of an entity: which rules, and the number of every event type
/// that there ever was.
///
/// Two are equal if these are; views, which can be made anew at any time, do not count.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, Store};
/// use eventsource_core::ddl::SchemaVersion;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent { Lit }
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let store = Store::connect("sqlite::memory:").await?;
/// assert_eq!(store.registered::<LightEvent>().await?, None);
/// store.migrate::<LightEvent>().await?;
/// let registered = store.registered::<LightEvent>().await?;
/// assert_eq!(registered, Some(SchemaVersion::initial::<LightEvent>()));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct SchemaVersion {
    pub(crate) fingerprint: String,
    /// Every event type name there ever was, with its number.
    pub(crate) codes: Vec<(String, u8)>,
    /// Whether it counts the entities.
    pub(crate) counts: bool,
    /// What its views say of themselves, if it has them all.
    #[cfg(feature = "postgres")]
    pub(crate) views: Option<String>,
}

impl PartialEq for SchemaVersion {
    fn eq(&self, other: &Self) -> bool {
        let of = |of: &Self| (of.fingerprint.clone(), of.codes.clone(), of.counts);
        of(self) == of(other)
    }
}

impl Eq for SchemaVersion {}

impl SchemaVersion {
    /// The fingerprint of the rules, as [`Machine::fingerprint`](eventsource_model::Machine) says it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The names of the event types with their numbers, in the order of these.
    pub fn event_types(&self) -> impl Iterator<Item = (&str, u8)> {
        self.codes
            .iter()
            .map(|(name, number)| (name.as_str(), *number))
    }
}
