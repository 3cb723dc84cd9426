//! Walks through a machine: shortest histories that take every step, and histories with one illegal
//! event at the end.
//!
//! A walk takes the steps that a store takes. Where an auto transition is due it comes next, so a
//! rival of it is never taken, nor is an event after which auto transitions would never end;
//! [`Machine::check_auto_transitions`] and [`Machine::auto_transitions`] find those.

mod graph;
mod near_legal;
mod walk;

pub use near_legal::NearLegalWalk;
pub use walk::{Walk, WalkError, WalkStep};

use graph::Graph;

use crate::{EventIndex, Machine, StateSet};

/// Walks of a machine; see [`Machine::walks`].
///
/// All orders are those of the exploration: breadth first, declaration order within a state.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT").follows(Formula::any_of([
///         Formula::Nothing,
///         Formula::event("PUT_OUT"),
///     ])),
///     EventSpec::new("PUT_OUT").follows(Formula::event("LIT")),
/// ]))?;
/// let walks = machine.walks(100);
/// assert!(walks.is_complete());
/// let covering: Vec<String> = walks
///     .covering()
///     .map(|walk| walk.events().map(|event| machine.name_of(event)).collect::<Vec<_>>().join(" "))
///     .collect();
/// assert_eq!(covering, ["LIT PUT_OUT LIT"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct Walks<'a> {
    machine: &'a Machine,
    graph: Graph,
}

impl Machine {
    /// Explores up to `cap` states for the walks through them.
    ///
    /// Above the cap the walks cover the states that were found, and [`Walks::is_complete`] is
    /// false.
    #[must_use]
    pub fn walks(&self, cap: usize) -> Walks<'_> {
        Walks {
            machine: self,
            graph: Graph::explore(self, cap),
        }
    }
}

impl Walks<'_> {
    /// Returns whether every state that a store can reach was found.
    ///
    /// If the cap ended the search it is false, and some steps are in no walk.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.graph.complete
    }

    /// Iterates over the steps that a store can take, each once: the state before and the event.
    pub fn transitions(&self) -> impl Iterator<Item = (StateSet, EventIndex)> + '_ {
        let state = |position: usize| self.graph.nodes[position].state;
        let edges = self.graph.edges.iter();
        edges.map(move |edge| (state(edge.from), edge.event))
    }

    /// Iterates over walks that together take every one of [`Walks::transitions`].
    ///
    /// For each step it is the shortest walk that ends with it and with the auto transitions that
    /// follow; walks that another one begins with are left out.
    pub fn covering(&self) -> impl Iterator<Item = Walk> + '_ {
        let leaves = self.graph.edges.iter().filter(|edge| {
            // A step that discovered a state begins the walks of every step from there.
            !(edge.discovers && self.graph.nodes[edge.to].has_next)
        });
        leaves.map(|edge| self.walk(self.graph.path(edge.from), Some(edge.event)))
    }

    /// Iterates over the shortest walk to each state with each event that is illegal there, for
    /// states in which a store waits for an event.
    pub fn near_legal(&self) -> impl Iterator<Item = NearLegalWalk> + '_ {
        let waiting =
            (0..self.graph.nodes.len()).filter(|position| !self.graph.nodes[*position].auto_is_due);
        waiting.flat_map(move |position| {
            let walk = self.walk(self.graph.path(position), None);
            let events = self.machine.events();
            let illegal = events.filter(move |event| {
                let state = self.graph.nodes[position].state;
                !self.machine.may_follow(*event, state)
            });
            illegal.map(move |event| NearLegalWalk::new(walk.clone(), event))
        })
    }

    /// Returns the shortest walk to `state`, if it was found and a store waits for an event there.
    #[must_use]
    pub fn to_state(&self, state: StateSet) -> Option<Walk> {
        let mut nodes = self.graph.nodes.iter();
        let position = nodes.position(|node| node.state == state && !node.auto_is_due)?;
        Some(self.walk(self.graph.path(position), None))
    }

    /// Returns the shortest walk that ends with `event` and the auto transitions that follow it;
    /// `None` if none was found.
    #[must_use]
    pub fn to_event(&self, event: EventIndex) -> Option<Walk> {
        let mut edges = self.graph.edges.iter();
        // Edges are in the order of the distance of the state before.
        let edge = edges.find(|edge| edge.event == event)?;
        Some(self.walk(self.graph.path(edge.from), Some(event)))
    }

    /// Builds the walk along `path`, which the graph knows to be legal, followed by `last`.
    fn walk(&self, path: Vec<EventIndex>, last: Option<EventIndex>) -> Walk {
        Walk::replay(self.machine, path.into_iter().chain(last))
    }
}
