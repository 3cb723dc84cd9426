//! Event types of a machine, and its states, which are sets of event types.

use std::fmt;
use std::fmt::{Debug, Display};
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use eventsource_model::{EventIndex, Machine, Rejection, StateSet, Timer};
use serde::{Serialize, Serializer};

use crate::{Actor, Generation};

/// Fieldless enum of event types, such as the `TaskEventType` that `#[derive(Event)]` generates
/// beside `TaskEvent`.
///
/// Event types are displayed, parsed and ordered by their stored names.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType, State, Generation};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit,
///     #[event(follows = Lit, accumulate = alias(Lit), restarting)]
///     Replaced,
/// }
///
/// # pub fn main() {
/// assert!(LightEventType::Lit.is_initial());
/// let lit = LightEventType::Lit.validate(State::EMPTY).unwrap();
/// assert_eq!(LightEventType::available(lit), [LightEventType::Replaced]);
/// assert_eq!(LightEventType::Replaced.next_generation(Some(Generation::new(1))), Generation::new(2));
/// assert_eq!("REPLACED".parse(), Ok(LightEventType::Replaced));
/// # }
/// # }
/// # example::main();
/// ```
pub trait EventType:
    Copy + Ord + Hash + Debug + Display + FromStr<Err = UnknownEventType> + Send + Sync + 'static
{
    /// State machine with the rules of all event types.
    const MACHINE: &'static Machine;

    /// Event types in declaration order.
    const ALL: &'static [Self];

    /// Names of the variants, for errors of the compiler.
    #[doc(hidden)]
    const VARIANTS: &'static [&'static str] = &[];

    /// Required fields of each event type that `requires(..)` does not name, for a migration, which asks
    /// serde whether their types take null.
    #[doc(hidden)]
    const REQUIRED_BY_TYPE: &'static [&'static [&'static str]] = &[];

    /// Returns the position in declaration order.
    fn index(self) -> EventIndex;

    /// Returns the name that is stored and displayed.
    fn name(self) -> &'static str;

    /// Returns the event type at this position, or `None` past the last.
    #[must_use]
    fn from_index(index: EventIndex) -> Option<Self> {
        Self::ALL.get(index.get()).copied()
    }

    /// Returns whether the event is legal in the empty state, so that a stream can begin with it.
    #[must_use]
    fn is_initial(self) -> bool {
        Self::MACHINE.is_initial(self.index())
    }

    /// Returns whether the event begins a new generation of the entity.
    #[must_use]
    fn is_restarting(self) -> bool {
        Self::MACHINE.rule(self.index()).restarting
    }

    /// Returns whether the store appends the event by itself as soon as it is legal.
    #[must_use]
    fn is_auto_transition(self) -> bool {
        Self::MACHINE.rule(self.index()).auto_transition
    }

    /// Returns whether the event is legal in `state`.
    #[must_use]
    fn may_follow(self, state: State<Self>) -> bool {
        Self::MACHINE.may_follow(self.index(), state.set())
    }

    /// Returns the event types that are legal in `state`, in declaration order.
    #[must_use]
    fn available(state: State<Self>) -> Vec<Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(|event| event.may_follow(state))
            .collect()
    }

    /// Returns the state after the event, if it is legal in `state`.
    ///
    /// # Errors
    /// A [`Rejection`] with the event, the state, and the event types that would be legal.
    fn validate(self, state: State<Self>) -> Result<State<Self>, Rejection> {
        Self::MACHINE
            .validate(self.index(), state.set())
            .map(State::from_set)
    }

    /// Returns the state after the event, without checking whether it is legal.
    #[must_use]
    fn accumulate(self, state: State<Self>) -> State<Self> {
        State::from_set(Self::MACHINE.accumulate(self.index(), state.set()))
    }

    /// Returns the generation of the entity after the event: 1 for its first event, one more for a
    /// restarting one, otherwise unchanged.
    #[must_use]
    fn next_generation(self, generation: Option<Generation>) -> Generation {
        let next = Self::MACHINE.next_generation(self.index(), generation.map(Generation::get));
        Generation::new(next)
    }

    /// Returns the payload fields that must have a value.
    fn requires(self) -> impl Iterator<Item = &'static str> {
        Self::MACHINE
            .rule(self.index())
            .requires
            .iter()
            .map(AsRef::as_ref)
    }

    /// Returns the names of the roles that may append the event; empty if everybody may.
    fn roles(self) -> impl Iterator<Item = &'static str> {
        let roles = Self::MACHINE.rule(self.index()).roles.iter();
        roles.map(AsRef::as_ref)
    }

    /// Returns whether the roles of `actor` allow it to append the event, in any state.
    ///
    /// Every actor may append an event whose rule names no role.
    #[must_use]
    fn allows(self, actor: &Actor) -> bool {
        Self::MACHINE.rule(self.index()).allows(actor.roles())
    }

    /// Returns the names of the roles that may see the fields of the event; empty if every reader may.
    fn readers(self) -> impl Iterator<Item = &'static str> {
        let readers = Self::MACHINE.rule(self.index()).readers.iter();
        readers.map(AsRef::as_ref)
    }

    /// Returns whether the roles of `actor` allow it to see the fields of the event.
    #[must_use]
    fn is_visible_to(self, actor: &Actor) -> bool {
        Self::MACHINE.rule(self.index()).may_read(actor.roles())
    }

    /// Returns whether only the program itself writes the event, and no client of an API.
    #[must_use]
    fn is_internal(self) -> bool {
        Self::MACHINE.rule(self.index()).internal
    }

    /// Returns whether the event records a refusal, which leaves the state and the data as they were.
    #[must_use]
    fn is_rejection(self) -> bool {
        Self::MACHINE.rule(self.index()).rejection
    }

    /// Returns when the event is written by itself, if it has `after` or `at`.
    ///
    /// Such an event is [internal](Self::is_internal): no client appends it. The program can, as every
    /// event that is legal; then its timer ends.
    #[must_use]
    fn timer(self) -> Option<&'static Timer> {
        Self::MACHINE.rule(self.index()).timer.as_ref()
    }

    /// Returns the states that the initial events lead to, one for each such event.
    #[must_use]
    fn initial_states() -> Vec<State<Self>> {
        states(Self::MACHINE.initial_states())
    }

    /// Returns every reachable state, breadth first.
    #[must_use]
    fn all_states() -> Vec<State<Self>> {
        states(Self::MACHINE.all_states())
    }

    /// Returns every legal transition `(before, event, after)` from a reachable state.
    #[must_use]
    fn all_transitions() -> Vec<(State<Self>, Self, State<Self>)> {
        Self::MACHINE
            .all_transitions()
            .into_iter()
            .filter_map(|(before, event, after)| {
                Some((
                    State::from_set(before),
                    Self::from_index(event)?,
                    State::from_set(after),
                ))
            })
            .collect()
    }

    /// Returns every pair of an event and a state that it leads to, once, breadth first.
    #[must_use]
    fn all_states_and_events() -> Vec<(State<Self>, Self)> {
        Self::MACHINE
            .all_states_and_events()
            .into_iter()
            .filter_map(|(state, event)| Some((State::from_set(state), Self::from_index(event)?)))
            .collect()
    }
}

/// Converts sets of the machine to states of `T`.
fn states<T: EventType>(sets: Vec<eventsource_model::StateSet>) -> Vec<State<T>> {
    sets.into_iter().map(State::from_set).collect()
}

/// Error of parsing a name that is not an event type of the machine.
///
/// ```
/// # use eventsource_core::UnknownEventType;
/// let error = UnknownEventType::new("task", "CRATED");
/// assert_eq!(error.to_string(), "'CRATED' is not an event type of 'task'");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is not an event type of '{entity}'")]
pub struct UnknownEventType {
    entity: &'static str,
    name: String,
}

impl UnknownEventType {
    /// Creates the error for `name`, which is not an event type of the machine of `entity`.
    pub fn new(entity: &'static str, name: impl Into<String>) -> Self {
        Self {
            entity,
            name: name.into(),
        }
    }

    /// Returns the unknown name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// State of an entity: a set of event types, derived from its events by the accumulators.
///
/// A state is displayed and serialized as the sorted names of its event types.
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
    /// State before the first event: no event types.
    pub const EMPTY: Self = Self {
        set: StateSet::EMPTY,
        event_type: PhantomData,
    };

    /// Creates the state with these members; bits that are no event type of the machine are
    /// dropped.
    #[must_use]
    pub fn from_set(set: StateSet) -> Self {
        let members: StateSet = T::ALL.iter().map(|event| event.index()).collect();
        Self {
            set: set.intersection(members),
            event_type: PhantomData,
        }
    }

    /// Returns the members as bits, in declaration order.
    #[must_use]
    pub const fn set(self) -> StateSet {
        self.set
    }

    /// Returns whether the state is empty, as before the first event.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.set.is_empty()
    }

    /// Returns whether `event` is in the state.
    #[must_use]
    pub fn contains(self, event: T) -> bool {
        self.set.contains(event.index())
    }

    /// Returns the members, sorted by name.
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

// By hand: derives would require the traits of `T` too, of which a state holds no value.
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
