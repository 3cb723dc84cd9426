//! Sets of event types as one machine word.

use std::fmt;

/// Largest number of event types in a machine: the bits of a [`StateSet`].
///
/// ```
/// assert_eq!(eventsource_model::MAX_EVENT_TYPES, 64);
/// ```
pub const MAX_EVENT_TYPES: usize = 64;

/// Position of an event type in its machine, in declaration order: 0 to 63.
///
/// ```
/// use eventsource_model::EventIndex;
///
/// assert_eq!(EventIndex::new(3).map(EventIndex::get), Some(3));
/// assert_eq!(EventIndex::new(64), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventIndex(u8);

impl EventIndex {
    /// Creates the index `position`; `None` if it is not below [`MAX_EVENT_TYPES`].
    #[must_use]
    pub const fn new(position: usize) -> Option<Self> {
        if position < MAX_EVENT_TYPES {
            #[allow(clippy::cast_possible_truncation, reason = "below 64")]
            Some(Self(position as u8))
        } else {
            None
        }
    }

    /// Returns the position in declaration order.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// Creates an index without a check. For generated code, whose positions the derive has
    /// counted.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_table(position: u8) -> Self {
        assert!((position as usize) < MAX_EVENT_TYPES);
        Self(position)
    }
}

/// State of an entity: a set of event types, one bit each.
///
/// ```
/// use eventsource_model::{EventIndex, StateSet};
///
/// let created = EventIndex::new(0).unwrap();
/// let assigned = EventIndex::new(1).unwrap();
/// let state = StateSet::only(created).union(StateSet::only(assigned));
/// assert_eq!(state.bits(), 0b11);
/// assert!(state.contains(assigned));
/// assert_eq!(state.iter().collect::<Vec<_>>(), [created, assigned]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateSet(u64);

impl StateSet {
    /// State before the first event.
    pub const EMPTY: Self = Self(0);
    /// Set of all 64 possible event types.
    pub const ALL: Self = Self(u64::MAX);

    /// Creates a set from its bits, bit *n* for the event type at position *n*.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the bits, bit *n* for the event type at position *n*.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Creates the set of one event type.
    #[must_use]
    pub const fn only(event: EventIndex) -> Self {
        Self(1 << event.0)
    }

    /// Returns whether no event type is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the number of event types in the set, 0 to 64.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Returns whether `event` is in the set.
    #[must_use]
    pub const fn contains(self, event: EventIndex) -> bool {
        self.0 & Self::only(event).0 != 0
    }

    /// Returns whether every member of `other` is in the set.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns whether some member of `other` is in the set.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the members of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the members of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the members that are not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Iterates over the members, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = EventIndex> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let next = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            EventIndex::new(next as usize)
        })
    }
}

impl FromIterator<EventIndex> for StateSet {
    fn from_iter<I: IntoIterator<Item = EventIndex>>(events: I) -> Self {
        events
            .into_iter()
            .fold(Self::EMPTY, |set, event| set.union(Self::only(event)))
    }
}

impl fmt::Debug for StateSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateSet({:#b})", self.0)
    }
}
