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

/// Events in a legal order from the beginning, with payloads.
///
/// `payloads` gives for each event type the strategy of such events; one that makes an event of
/// another type stops the test. `len` is as for [`legal_walk`](super::legal_walk). The order is
/// shrunk first, then the payloads; an event keeps its payload while others go.
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

type Payloads<E> = Rc<dyn Fn(<E as Event>::Type) -> BoxedStrategy<E>>;

/// The strategy of [`legal_history`].
pub struct LegalHistory<E: Event> {
    guide: Arc<Guide>,
    payloads: Payloads<E>,
    len: SizeRange,
    appended_only: bool,
}

impl<E: Event> LegalHistory<E> {
    /// Without the auto transitions that follow by themselves: what is given to a store.
    #[must_use]
    pub fn appended_only(mut self) -> Self {
        self.appended_only = true;
        self
    }
}

// Derives would ask the same of `E`, which is only made here.
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
            // A smaller walk may need payloads that this one has not.
            runner: TestRunner::new_with_rng(runner.config().clone(), runner.new_rng()),
            events: BTreeMap::new(),
            shrinking: None,
        };
        tree.supply()?;
        Ok(tree)
    }
}

/// An event of a walk: the number of the one that was appended, how many came by themselves since,
/// and its type, for another may come by itself from another state.
type Key = (usize, usize, EventIndex);

/// A history of [`legal_history`] on its way to a smaller one.
pub struct HistoryTree<E: Event> {
    shrinker: Shrinker,
    payloads: Payloads<E>,
    appended_only: bool,
    runner: TestRunner,
    events: BTreeMap<Key, Box<dyn ValueTree<Value = E>>>,
    /// The position of the event whose payload gets smaller, once the walk does not any more.
    shrinking: Option<usize>,
}

impl<E: Event + fmt::Debug> HistoryTree<E> {
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

    /// Makes the payloads that the current walk needs and no walk before it did.
    fn supply(&mut self) -> Result<(), Reason> {
        for key in self.keys() {
            if self.events.contains_key(&key) {
                continue;
            }
            // The machine and its enum have the same event types.
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
        trees.map(|tree| tree.current()).collect()
    }

    fn simplify(&mut self) -> bool {
        if self.shrinking.is_none() {
            let mut moved = self.shrinker.simplify();
            // A payload that cannot be made rules the walk out.
            while moved && self.supply().is_err() {
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
            while moved && self.supply().is_err() {
                moved = self.shrinker.complicate();
            }
            return moved;
        };
        self.payload(position)
            .is_some_and(|payload| payload.complicate())
    }
}
