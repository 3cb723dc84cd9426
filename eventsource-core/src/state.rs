//! A state that knows its machine.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use eventsource_model::StateSet;
use serde::{Serialize, Serializer};

use crate::EventType;

/// The state of an entity: the set of event types that hold.
///
/// It is shown, and serialized, as the names sorted.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType, State};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Wired,
///     #[event(follows = Wired, accumulate = union())]
///     Lit,
/// }
///
/// # pub fn main() {
/// let state: State<LightEventType> = [LightEventType::Wired, LightEventType::Lit].into_iter().collect();
/// assert!(state.contains(LightEventType::Lit));
/// assert_eq!(state.to_string(), "[LIT, WIRED]");
/// # }
/// # }
/// # example::main();
/// ```
pub struct State<T> {
    set: StateSet,
    event_type: PhantomData<fn() -> T>,
}

impl<T: EventType> State<T> {
    /// The state before the first event.
    pub const EMPTY: Self = Self {
        set: StateSet::EMPTY,
        event_type: PhantomData,
    };

    /// The state with these members; bits beyond the machine's event types are dropped.
    #[must_use]
    pub fn from_set(set: StateSet) -> Self {
        let members: StateSet = T::ALL.iter().map(|event| event.index()).collect();
        Self {
            set: set.intersection(members),
            event_type: PhantomData,
        }
    }

    /// The members as bits, in declaration order.
    #[must_use]
    pub const fn set(self) -> StateSet {
        self.set
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.set.is_empty()
    }

    /// Whether `event` is in the state.
    #[must_use]
    pub fn contains(self, event: T) -> bool {
        self.set.contains(event.index())
    }

    /// The members, sorted by name.
    #[must_use]
    pub fn members(self) -> Vec<T> {
        let mut members: Vec<T> = self.set.iter().filter_map(T::from_index).collect();
        members.sort_unstable();
        members
    }
}

impl<T: EventType> FromIterator<T> for State<T> {
    fn from_iter<I: IntoIterator<Item = T>>(events: I) -> Self {
        Self {
            set: events.into_iter().map(T::index).collect(),
            event_type: PhantomData,
        }
    }
}

impl<T: EventType> fmt::Display for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", T::MACHINE.names(self.set).join(", "))
    }
}

impl<T: EventType> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members()).finish()
    }
}

impl<T: EventType> Serialize for State<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.members().into_iter().map(T::name))
    }
}

// Derives would ask the same of `T`, which is only a name here.
impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

impl<T> PartialEq for State<T> {
    fn eq(&self, other: &Self) -> bool {
        self.set == other.set
    }
}

impl<T> Eq for State<T> {}

impl<T> Hash for State<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.set.hash(hasher);
    }
}
