//! Version of a schema: the rules and the event type codes that a database has registered.

#[cfg(feature = "postgres")]
use crate::Error;
#[cfg(feature = "postgres")]
use crate::store::contract::layout;

/// Registered state of an entity type in a database: its rules, and the codes of all its event
/// types, past and present.
///
/// Equality ignores the views, which can be recreated at any time.
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
    /// Names of all event types that the database has ever had, with their codes.
    pub(crate) codes: Vec<(String, u8)>,
    /// Whether the database has a counter for the entity ids.
    pub(crate) counts: bool,
    /// Fingerprint that the views carry as a comment, if all of them exist.
    #[cfg(feature = "postgres")]
    pub(crate) views: Option<String>,
    /// Layout of the tables.
    #[cfg(feature = "postgres")]
    pub(crate) layout: u32,
}

impl PartialEq for SchemaVersion {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(feature = "postgres")]
        if self.layout != other.layout {
            return false;
        }
        let of = |of: &Self| (of.fingerprint.clone(), of.codes.clone(), of.counts);
        of(self) == of(other)
    }
}

impl Eq for SchemaVersion {}

impl SchemaVersion {
    /// Returns the fingerprint of the rules; see
    /// [`Machine::fingerprint`](eventsource_model::Machine::fingerprint).
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns the names of the event types with their codes, ordered by code.
    pub fn event_types(&self) -> impl Iterator<Item = (&str, u8)> {
        self.codes
            .iter()
            .map(|(name, number)| (name.as_str(), *number))
    }

    /// Returns the text that the database has registered.
    #[cfg(feature = "postgres")]
    pub(crate) fn registered_text(&self) -> String {
        layout::registered_text(self.layout, &self.fingerprint)
    }

    /// Returns whether the tables have an earlier layout than this version of the crate makes.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_earlier_layout(&self) -> bool {
        self.layout < layout::LAYOUT
    }

    /// Checks that the program can read and write the tables.
    #[cfg(feature = "postgres")]
    pub(crate) fn check_layout(&self, entity: &'static str) -> Result<(), Error> {
        match self.layout == layout::LAYOUT {
            true => Ok(()),
            false => Err(layout::mismatch(entity, self.layout)),
        }
    }
}
