//! What entities and events are called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: a UUID of version 7, so later ids sort after earlier ones.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "no two new ids are equal")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

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
                    .map_err(|_: uuid::Error| InvalidId::new($what, "a UUID"))
            }
        }
    };
}

id! {
    /// What an event happens to.
    ///
    /// ```
    /// use eventsource_core::EntityId;
    ///
    /// let id = EntityId::new();
    /// assert_eq!(id.to_string().parse(), Ok(id));
    /// ```
    EntityId, "an entity"
}

id! {
    /// One event.
    ///
    /// ```
    /// use eventsource_core::EventId;
    ///
    /// assert!("xyz".parse::<EventId>().is_err());
    /// ```
    EventId, "an event"
}

/// A text that is not an id.
///
/// ```
/// use eventsource_core::EntityId;
///
/// let error = "xyz".parse::<EntityId>().unwrap_err();
/// assert_eq!(error.to_string(), "not the id of an entity, which is a UUID");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of {what}, which is {form}")]
pub struct InvalidId {
    what: &'static str,
    form: String,
}

impl InvalidId {
    pub(crate) fn new(what: &'static str, form: impl Into<String>) -> Self {
        Self {
            what,
            form: form.into(),
        }
    }
}
