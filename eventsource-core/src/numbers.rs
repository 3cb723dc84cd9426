//! Numbers that say what they count.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name($inner);

        impl $name {
            /// The number with this value.
            #[must_use]
            pub const fn new(value: $inner) -> Self {
                Self(value)
            }

            /// The value.
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
    /// The place of an event in the stream of its entity: 1, 2, 3, without gaps (X24).
    ///
    /// As an expected sequence it says how many events the caller has seen.
    ///
    /// ```
    /// use eventsource_core::Seq;
    ///
    /// assert_eq!(Seq::NO_STREAM.next(), Seq::new(1));
    /// ```
    Seq(u32)
}

impl Seq {
    /// Before the first event: what to expect of an entity that must be new.
    pub const NO_STREAM: Self = Self(0);

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

number! {
    /// The order in which events were written, over all entities of a machine; with gaps (M11).
    ///
    /// Within one entity it grows with [`Seq`]. It is drawn before the transaction commits, so
    /// between entities it is not the order in which events became visible: do not poll by it, but
    /// by [`Position`].
    ///
    /// ```
    /// # use eventsource_core::LogSeq;
    /// assert!(LogSeq::new(7) < LogSeq::new(9));
    /// ```
    LogSeq(u64)
}

number! {
    /// The place of an event in the one order of all events in a store: 1, 2, 3, without gaps.
    ///
    /// It is given after the commit. Whoever has read up to a position has seen everything before
    /// it, and nothing will ever come in between: a checkpoint is one number.
    ///
    /// ```
    /// use eventsource_core::Position;
    ///
    /// assert!(Position::START < Position::new(1));
    /// ```
    Position(u64)
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

number! {
    /// How often an entity has been restarted, from 1 (M20).
    ///
    /// ```
    /// # use eventsource_core::Generation;
    /// assert_eq!(Generation::new(2).to_string(), "2");
    /// ```
    Generation(u32)
}
