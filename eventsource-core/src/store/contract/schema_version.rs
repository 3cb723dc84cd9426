//! Version of a schema: the rules and the event type codes that a database has registered.

use crate::Error;
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
    /// Whether the registered rules have unique fields.
    pub(crate) unique: bool,
    /// Fingerprint that the views carry as a comment, if all of them exist.
    #[cfg(feature = "postgres")]
    pub(crate) views: Option<String>,
    /// Layout of the tables.
    pub(crate) layout: u32,
}

impl PartialEq for SchemaVersion {
    fn eq(&self, other: &Self) -> bool {
        let of = |of: &Self| {
            let rules = (of.fingerprint.clone(), of.codes.clone());
            (rules, of.counts, of.layout)
        };
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

    /// Returns whether the log has columns and constraints of layout 1, so that a copy has to take its
    /// place.
    #[cfg(feature = "postgres")]
    pub(crate) fn needs_new_log(&self) -> bool {
        self.layout == layout::FIRST
    }

    /// Returns whether idempotency keys have no actor.
    #[cfg(feature = "postgres")]
    pub(crate) fn has_keys_of_all(&self) -> bool {
        self.layout <= layout::KEYS_OF_ALL
    }

    /// Checks that the program can read and write the tables.
    pub(crate) fn check_layout(&self, entity: &'static str) -> Result<(), Error> {
        match self.layout == layout::LAYOUT {
            true => Ok(()),
            false => Err(layout::mismatch(entity, self.layout)),
        }
    }
}
