//! Numbers as types: `Seq`, `LogSeq`, `Position` and `Generation`.
//!
//! * A [`Seq`] counts the events of one entity, without gaps; an append can expect it.
//! * A [`LogSeq`] orders the insertions into the log of one entity type; it has gaps and is drawn
//!   before the commit, so a reader that polls by it can miss events.
//! * A [`Position`] orders the committed events of a whole store, without gaps; it is given after
//!   the commit, so it is a safe checkpoint for a reader.
//! * A [`Generation`] counts how many times one entity has begun, and says nothing about order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Declares a type of number.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name($inner);

        impl $name {
            /// Creates the number with this value.
            #[must_use]
            pub const fn new(value: $inner) -> Self {
                Self(value)
            }

            /// Returns the value.
            #[must_use]
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// Sequence of an event within its entity: 1, 2, 3, without gaps.
    ///
    /// Also called stream revision. As an expected sequence it is the number of events that the
    /// caller has seen: an append fails with a conflict if the entity has another number of events.
    /// Unlike a [`LogSeq`] or a [`Position`] it compares events of one entity only.
    ///
    /// ```
    /// use eventsource_core::Seq;
    ///
    /// assert_eq!(Seq::NO_STREAM.next(), Seq::new(1));
    /// ```
    Seq(u32)
}

impl Seq {
    /// Expected sequence of an entity that must not have any events yet: 0.
    pub const NO_STREAM: Self = Self(0);

    /// Returns the sequence of the next event.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

number! {
    /// Log sequence of an event: the number of its insertion into the log, with gaps.
    ///
    /// On SQLite the log of each entity type has numbers of its own; on Postgres all logs of a schema
    /// draw from one sequence.
    ///
    /// Within one entity it grows with [`Seq`]. Unlike a [`Position`] it is drawn before the
    /// transaction commits, so across entities it is not the order in which events became visible:
    /// do not poll by it. Its name over HTTP and in tables is `clock`.
    ///
    /// ```
    /// # use eventsource_core::LogSeq;
    /// assert!(LogSeq::new(7) < LogSeq::new(9));
    /// ```
    LogSeq(u64)
}

/// Position of a committed event in the order of all events of a store.
///
/// Unlike a [`LogSeq`] it is given after the commit: once a reader has processed a position, no event
/// will ever appear at or before it. So a checkpoint is one value: positions are compared, stored
/// (as text, by serde, or as a value of SQL) and given back to [`Feed::after`]; how many events lie
/// between two of them says [`Feed::distance`].
///
/// ```
/// use eventsource_core::Position;
///
/// let saved = "1".parse::<Position>()?;
/// assert!(Position::START < saved);
/// assert_eq!(saved.to_string(), "1");
/// assert!("first".parse::<Position>().is_err());
/// # Ok::<_, eventsource_core::InvalidPosition>(())
/// ```
#[cfg_attr(
    not(feature = "_store"),
    doc = "\n[`Feed::after`]: https://docs.rs/eventsource-core\n[`Feed::distance`]: https://docs.rs/eventsource-core"
)]
#[cfg_attr(
    feature = "_store",
    doc = "\n[`Feed::after`]: crate::Feed::after\n[`Feed::distance`]: crate::Feed::distance"
)]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// Position before the first event.
    pub const START: Self = Self(0);
}

#[cfg(feature = "_store")]
impl Position {
    /// Creates the position with this number; positions are 1, 2, 3, without gaps.
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        let position = number.then(|| text.parse().ok()).flatten();
        position.map(Self).ok_or(InvalidPosition(()))
    }
}

/// Error of parsing a text that is not a [`Position`].
///
/// ```
/// use eventsource_core::Position;
///
/// let error = "-1".parse::<Position>().unwrap_err();
/// assert_eq!(error.to_string(), "not a position: expected a number as a feed has given it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position: expected a number as a feed has given it")]
pub struct InvalidPosition(());

number! {
    /// Generation of an entity: 1 at its first event, one more at each restarting event.
    ///
    /// Unlike a [`Seq`] it does not change with every event. Its name over HTTP and in tables is
    /// `version`.
    ///
    /// ```
    /// # use eventsource_core::Generation;
    /// assert_eq!(Generation::new(2).to_string(), "2");
    /// ```
    Generation(u32)
}
