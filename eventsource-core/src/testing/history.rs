//! Strategy of legal histories: events with payloads.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use eventsource_model::EventIndex;
use proptest::collection::SizeRange;
use proptest::strategy::{BoxedStrategy, NewTree, Strategy, ValueTree};
use proptest::test_runner::{Reason, TestRunner};

use super::guide::Guide;
use super::shrink::Shrinker;
use crate::{Event, EventType};

/// Returns a strategy of events in a legal order, from the first event of an entity, with payloads.
///
/// `payloads` returns for each event type a strategy of events of that type; an event of another
/// type stops the test. `len` is as for [`legal_walk`](super::legal_walk). The walk shrinks first,
/// then the payloads; an event keeps its payload while others are removed.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, testing};
/// use proptest::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "task")]
/// pub enum TaskEvent {
///     Created { title: String },
///     #[event(follows = Created)]
///     Completed,
/// }
///
/// # pub fn main() {
/// let payloads = |event_type| match event_type {
///     TaskEventType::Created => "[a-z]{1,8}".prop_map(|title| TaskEvent::Created { title }).boxed(),
///     TaskEventType::Completed => Just(TaskEvent::Completed).boxed(),
/// };
/// proptest!(|(history in testing::legal_history::<TaskEvent>(payloads, 1..5))| {
///     let TaskEvent::Created { title } = &history[0] else { panic!("{history:?}") };
///     prop_assert!(title.len() <= 8);
/// });
/// # }
/// # }
/// # example::main();
/// ```
#[must_use]
pub fn legal_history<E: Event>(
    payloads: impl Fn(E::Type) -> BoxedStrategy<E> + 'static,
    len: impl Into<SizeRange>,
) -> LegalHistory<E> {
    LegalHistory {
        guide: Arc::new(Guide::new(E::MACHINE)),
        payloads: Rc::new(payloads),
        len: len.into(),
        appended_only: false,
    }
}

/// Function from an event type to the strategy of its events.
type Payloads<E> = Rc<dyn Fn(<E as Event>::Type) -> BoxedStrategy<E>>;

/// Strategy of legal histories, made by [`legal_history`].
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, testing};
/// use proptest::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit,
///     #[event(follows = Lit, auto_transition, terminal)]
///     Ended,
/// }
///
/// # pub fn main() {
/// let payloads = |event_type| match event_type {
///     LightEventType::Lit => Just(LightEvent::Lit).boxed(),
///     LightEventType::Ended => Just(LightEvent::Ended).boxed(),
/// };
/// let strategy = testing::legal_history::<LightEvent>(payloads, 1).appended_only();
/// proptest!(|(history in strategy)| prop_assert_eq!(history, [LightEvent::Lit]));
/// # }
/// # }
/// # example::main();
/// ```
pub struct LegalHistory<E: Event> {
    guide: Arc<Guide>,
    payloads: Payloads<E>,
    len: SizeRange,
    appended_only: bool,
}

impl<E: Event> LegalHistory<E> {
    /// Leaves out the auto transitions, so that the events are those to append.
    #[must_use]
    pub fn appended_only(mut self) -> Self {
        self.appended_only = true;
        self
    }
}

// By hand: derives would require the traits of `E` too, of which a strategy holds no value.
impl<E: Event> Clone for LegalHistory<E> {
    fn clone(&self) -> Self {
        Self {
            guide: self.guide.clone(),
            payloads: self.payloads.clone(),
            len: self.len.clone(),
            appended_only: self.appended_only,
        }
    }
}

impl<E: Event> fmt::Debug for LegalHistory<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegalHistory")
            .field("entity", &E::ENTITY)
            .field("len", &self.len)
            .field("appended_only", &self.appended_only)
            .finish_non_exhaustive()
    }
}

impl<E: Event + fmt::Debug> Strategy for LegalHistory<E> {
    type Tree = HistoryTree<E>;
    type Value = Vec<E>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let appended = self.guide.choose(runner, &self.len)?;
        let mut tree = HistoryTree {
            shrinker: Shrinker::new(self.guide.clone(), &appended, self.len.start(), None),
            payloads: self.payloads.clone(),
            appended_only: self.appended_only,
            // A smaller walk may need payloads that this one does not have.
            runner: TestRunner::new_with_rng(runner.config().clone(), runner.new_rng()),
            events: BTreeMap::new(),
            shrinking: None,
        };
        tree.make_payloads()?;
        Ok(tree)
    }
}

/// Key of an event of a walk: number of the appended event, number of auto transitions since, and
/// event type, since another state may have another auto transition.
type Key = (usize, usize, EventIndex);

/// Value tree of [`legal_history`]: a history and its smaller ones.
pub struct HistoryTree<E: Event> {
    shrinker: Shrinker,
    payloads: Payloads<E>,
    appended_only: bool,
    runner: TestRunner,
    events: BTreeMap<Key, Box<dyn ValueTree<Value = E>>>,
    /// Position of the event whose payload shrinks, once the walk cannot get smaller.
    shrinking: Option<usize>,
}

impl<E: Event + fmt::Debug> HistoryTree<E> {
    /// Returns the keys of the current walk's events.
    fn keys(&self) -> Vec<Key> {
        let candidate = self.shrinker.current();
        let mut appended = candidate.appended.iter();
        let (mut number, mut since) = (0, 0);
        let mut keys = Vec::new();
        for step in candidate.walk.steps() {
            if step.follows_by_itself {
                since += 1;
            } else {
                since = 0;
                number = appended.next().map_or(number, |step| step.number);
            }
            if !(step.follows_by_itself && self.appended_only) {
                keys.push((number, since, step.event));
            }
        }
        keys
    }

    /// Makes the payloads that the current walk needs and no earlier walk needed.
    fn make_payloads(&mut self) -> Result<(), Reason> {
        for key in self.keys() {
            if self.events.contains_key(&key) {
                continue;
            }
            // Never: the machine and its enum have equal event types.
            let wanted = E::Type::from_index(key.2).ok_or("an event type of another machine")?;
            let tree = (self.payloads)(wanted).new_tree(&mut self.runner)?;
            let made = tree.current().event_type();
            if made != wanted {
                return Err(format!("the payloads of {wanted} made an event {made}").into());
            }
            self.events.insert(key, tree);
        }
        Ok(())
    }

    /// Returns the value tree of the event at this position.
    fn payload(&mut self, position: usize) -> Option<&mut Box<dyn ValueTree<Value = E>>> {
        let key = *self.keys().get(position)?;
        self.events.get_mut(&key)
    }
}

impl<E: Event + fmt::Debug> ValueTree for HistoryTree<E> {
    type Value = Vec<E>;

    fn current(&self) -> Vec<E> {
        let keys = self.keys();
        let trees = keys.iter().filter_map(|key| self.events.get(key));
        trees.map(proptest::strategy::ValueTree::current).collect()
    }

    fn simplify(&mut self) -> bool {
        if self.shrinking.is_none() {
            let mut moved = self.shrinker.simplify();
            // Skip walks whose payloads cannot be made.
            while moved && self.make_payloads().is_err() {
                moved = self.shrinker.complicate();
            }
            if moved {
                return true;
            }
        }
        let mut position = self.shrinking.unwrap_or(0);
        while let Some(payload) = self.payload(position) {
            let moved = payload.simplify();
            self.shrinking = Some(position);
            if moved {
                return true;
            }
            position += 1;
        }
        self.shrinking = Some(position);
        false
    }

    fn complicate(&mut self) -> bool {
        let Some(position) = self.shrinking else {
            let mut moved = self.shrinker.complicate();
            while moved && self.make_payloads().is_err() {
                moved = self.shrinker.complicate();
            }
            return moved;
        };
        self.payload(position)
            .is_some_and(proptest::strategy::ValueTree::complicate)
    }
}
