//! Strategy of legal walks: event types in a legal order.

use std::marker::PhantomData;
use std::sync::Arc;

use proptest::collection::SizeRange;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::guide::Guide;
use super::shrink::Shrinker;
use crate::EventType;

/// Returns a strategy of event types in a legal order, from the first event of an entity.
///
/// `len` is the number of appended events; auto transitions come in addition. A walk ends earlier
/// if no event is legal, and is empty if the machine has no initial event.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType, State, testing};
/// use proptest::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "task")]
/// pub enum TaskEvent {
///     Created,
///     #[event(follows = Created)]
///     Completed,
///     #[event(follows = Completed, auto_transition, terminal)]
///     Ended,
/// }
///
/// # pub fn main() {
/// proptest!(|(walk in testing::legal_walk::<TaskEventType>(0..10))| {
///     let mut state = State::EMPTY;
///     for event in walk {
///         state = event.validate(state).unwrap();
///     }
///     prop_assert!(!state.contains(TaskEventType::Completed), "ENDED has followed");
/// });
/// proptest!(|(walk in testing::legal_walk::<TaskEventType>(2).appended_only())| {
///     prop_assert_eq!(walk, [TaskEventType::Created, TaskEventType::Completed]);
/// });
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn legal_walk<T: EventType>(len: impl Into<SizeRange>) -> LegalWalk<T> {
    LegalWalk {
        guide: Arc::new(Guide::new(T::MACHINE)),
        len: len.into(),
        appended_only: false,
        event_type: PhantomData,
    }
}

/// Strategy of legal walks, made by [`legal_walk`].
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, testing};
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
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
/// let strategy = testing::legal_walk::<LightEventType>(2..=5);
/// let tree = strategy.new_tree(&mut TestRunner::deterministic()).unwrap();
/// assert_eq!(tree.current(), [LightEventType::Lit, LightEventType::PutOut]);
/// # }
/// # }
/// # example::main();
/// ```
#[derive(Clone, Debug)]
pub struct LegalWalk<T> {
    guide: Arc<Guide>,
    len: SizeRange,
    appended_only: bool,
    event_type: PhantomData<fn() -> T>,
}

impl<T> LegalWalk<T> {
    /// Leaves out the auto transitions, so that the events are those to append.
    #[must_use]
    pub fn appended_only(mut self) -> Self {
        self.appended_only = true;
        self
    }
}

impl<T: EventType> Strategy for LegalWalk<T> {
    type Tree = WalkTree<T>;
    type Value = Vec<T>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let appended = self.guide.choose(runner, &self.len)?;
        Ok(WalkTree {
            shrinker: Shrinker::new(self.guide.clone(), &appended, self.len.start(), None),
            appended_only: self.appended_only,
            event_type: PhantomData,
        })
    }
}

/// Value tree of [`legal_walk`]: a walk and its smaller ones.
#[derive(Clone, Debug)]
pub struct WalkTree<T> {
    shrinker: Shrinker,
    appended_only: bool,
    event_type: PhantomData<fn() -> T>,
}

impl<T: EventType> ValueTree for WalkTree<T> {
    type Value = Vec<T>;

    fn current(&self) -> Vec<T> {
        let steps = self.shrinker.current().walk.steps().iter();
        steps
            .filter(|step| !(self.appended_only && step.follows_by_itself))
            .filter_map(|step| T::from_index(step.event))
            .collect()
    }

    fn simplify(&mut self) -> bool {
        self.shrinker.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.shrinker.complicate()
    }
}
