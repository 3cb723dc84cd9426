//! Strategy of nearly legal walks: a legal walk and then one illegal event.

use std::marker::PhantomData;
use std::sync::Arc;

use eventsource_model::{EventIndex, Walk};
use proptest::collection::SizeRange;
use proptest::prelude::RngExt;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{Reason, TestRunner};

use super::guide::Guide;
use super::shrink::Shrinker;
use crate::{EventType, State};

/// Legal walk and then one illegal event; made by [`near_legal_walk`].
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, State, testing::NearLegalWalk};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit,
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// let smallest = NearLegalWalk {
///     legal: Vec::new(),
///     illegal: LightEventType::PutOut,
///     state: State::EMPTY,
/// };
/// assert_eq!(smallest.state.to_string(), "[]");
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearLegalWalk<T: EventType> {
    /// Event types of the legal walk.
    pub legal: Vec<T>,
    /// Event type that is illegal after the walk.
    pub illegal: T,
    /// State after the walk, in which `illegal` is not legal.
    pub state: State<T>,
}

/// Returns a strategy of legal walks, each with one event that is illegal after it.
///
/// `len` is the length of the legal part, as for [`legal_walk`](super::legal_walk). If every event
/// is always legal in a machine, the test stops with that reason.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType, testing};
/// use proptest::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(follows = nothing | PutOut)]
///     Lit,
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// proptest!(|(walk in testing::near_legal_walk::<LightEventType>(0..10))| {
///     let refused = walk.illegal.validate(walk.state).unwrap_err();
///     prop_assert!(!refused.legal().contains(&walk.illegal.to_string()));
/// });
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn near_legal_walk<T: EventType>(len: impl Into<SizeRange>) -> NearLegal<T> {
    NearLegal {
        guide: Arc::new(Guide::new(T::MACHINE)),
        len: len.into(),
        appended_only: false,
        event_type: PhantomData,
    }
}

/// Strategy of nearly legal walks, made by [`near_legal_walk`].
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, testing};
/// use proptest::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit,
///     #[event(follows = Lit)]
///     PutOut,
/// }
///
/// # pub fn main() {
/// let strategy = testing::near_legal_walk::<LightEventType>(1);
/// proptest!(|(walk in strategy)| {
///     prop_assert_eq!((walk.legal.len(), walk.illegal), (1, LightEventType::Lit));
/// });
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Clone, Debug)]
pub struct NearLegal<T> {
    guide: Arc<Guide>,
    len: SizeRange,
    appended_only: bool,
    event_type: PhantomData<fn() -> T>,
}

impl<T> NearLegal<T> {
    /// Leaves out the auto transitions, so that the events are those to append.
    #[must_use]
    pub fn appended_only(mut self) -> Self {
        self.appended_only = true;
        self
    }

    /// Returns the event types that are illegal after appending these.
    fn illegal(&self, appended: &[EventIndex]) -> Vec<EventIndex> {
        let machine = self.guide.machine;
        // Never the default: the chosen events are legal.
        let walk = Walk::of(machine, appended.iter().copied()).unwrap_or_default();
        let events = machine.events();
        let illegal = events.filter(|event| !machine.may_follow(*event, walk.state()));
        illegal.collect()
    }
}

impl<T: EventType> Strategy for NearLegal<T> {
    type Tree = NearLegalTree<T>;
    type Value = NearLegalWalk<T>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut appended = self.guide.choose(runner, &self.len)?;
        let mut illegal = self.illegal(&appended);
        // If every event is legal here, try the state one event before.
        while illegal.is_empty() && appended.pop().is_some() {
            illegal = self.illegal(&appended);
        }
        if illegal.is_empty() {
            let Some(near) = self.guide.walks.near_legal().next() else {
                let entity = self.guide.machine.name();
                return Err(Reason::from(format!("'{entity}' has no illegal events")));
            };
            appended = near.legal().appended().collect();
            illegal = vec![near.illegal()];
        }
        let illegal = illegal[runner.rng().random_range(0..illegal.len())];
        let shortest = self.len.start();
        Ok(NearLegalTree {
            shrinker: Shrinker::new(self.guide.clone(), &appended, shortest, Some(illegal)),
            // Never: the machine and its enum have equal event types.
            illegal: T::from_index(illegal).ok_or("an event type of another machine")?,
            appended_only: self.appended_only,
        })
    }
}

/// Value tree of [`near_legal_walk`]: a walk and its smaller ones.
#[derive(Clone, Debug)]
pub struct NearLegalTree<T> {
    shrinker: Shrinker,
    illegal: T,
    appended_only: bool,
}

impl<T: EventType> ValueTree for NearLegalTree<T> {
    type Value = NearLegalWalk<T>;

    fn current(&self) -> NearLegalWalk<T> {
        let walk = &self.shrinker.current().walk;
        let steps = walk.steps().iter();
        NearLegalWalk {
            legal: steps
                .filter(|step| !(self.appended_only && step.follows_by_itself))
                .filter_map(|step| T::from_index(step.event))
                .collect(),
            illegal: self.illegal,
            state: State::from_set(walk.state()),
        }
    }

    fn simplify(&mut self) -> bool {
        self.shrinker.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.shrinker.complicate()
    }
}
