//! Ids of entities and events.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares a type of id.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Creates a new id: a UUID of version 7, so that later ids sort after earlier ones.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "no two new ids are equal")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// Returns the id as a UUID.
            #[cfg_attr(
                not(feature = "_store"),
                allow(dead_code, reason = "an event's id is stored or nothing")
            )]
            pub(crate) fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse()
                    .map(Self)
                    .map_err(|_: uuid::Error| InvalidId::new($kind, "a UUID"))
            }
        }
    };
}

id! {
    /// Id of an entity.
    ///
    /// An id displays and parses as a UUID. If the machine sets `id = ulid(..)` or `id =
    /// counter(..)`, use [`Event::ID`](crate::Event::ID) to format and parse the text that people
    /// see.
    ///
    /// ```
    /// use eventsource_core::EntityId;
    ///
    /// let id = EntityId::new();
    /// assert_eq!(id.to_string().parse(), Ok(id));
    /// ```
    EntityId, "an entity id"
}

id! {
    /// Id of an event: a UUID.
    ///
    /// ```
    /// use eventsource_core::EventId;
    ///
    /// assert!("xyz".parse::<EventId>().is_err());
    /// ```
    EventId, "an event id"
}

/// Error of parsing a text that is not an id.
///
/// ```
/// use eventsource_core::EntityId;
///
/// let error = "xyz".parse::<EntityId>().unwrap_err();
/// assert_eq!(error.to_string(), "not an entity id: expected a UUID");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {kind}: expected {expected}")]
pub struct InvalidId {
    kind: &'static str,
    expected: String,
}

impl InvalidId {
    /// Creates the error for a `kind` of id, such as `an entity id`, and the format it should have.
    pub(crate) fn new(kind: &'static str, expected: impl Into<String>) -> Self {
        Self {
            kind,
            expected: expected.into(),
        }
    }
}
