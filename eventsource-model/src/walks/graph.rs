//! Graph of the states that a store can reach and the steps between them.

use std::collections::HashMap;

use crate::{EventIndex, Machine, StateSet};

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) state: StateSet,
    /// Whether the store writes an auto transition here before it accepts another event.
    pub(super) auto_is_due: bool,
    pub(super) has_next: bool,
    reached_by: Option<(usize, EventIndex)>,
}

#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) event: EventIndex,
    pub(super) to: usize,
    /// Whether this step was the first to reach its state, and so is on the path to it.
    pub(super) discovers: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Graph {
    /// Nodes breadth first; the beginning is first.
    pub(super) nodes: Vec<Node>,
    /// Edges in the order of the nodes that they leave, in declaration order within.
    pub(super) edges: Vec<Edge>,
    pub(super) complete: bool,
}

impl Graph {
    pub(super) fn explore(machine: &Machine, cap: usize) -> Self {
        let node = |state, auto_is_due, reached_by| Node {
            state,
            auto_is_due,
            has_next: false,
            reached_by,
        };
        // Before the first event nothing is due, even if an auto transition is legal: stores look
        // for one only after an event. Back in the empty state it is.
        let mut graph = Self {
            nodes: vec![node(StateSet::EMPTY, false, None)],
            edges: Vec::new(),
            complete: true,
        };
        // By state after an event: its position, or that auto transitions would never end there.
        let mut known: HashMap<StateSet, Option<usize>> = HashMap::new();
        if machine.auto_transition(StateSet::EMPTY).is_none() {
            known.insert(StateSet::EMPTY, Some(0));
        }
        let mut from = 0;
        while from < graph.nodes.len() {
            let Node {
                state, auto_is_due, ..
            } = graph.nodes[from];
            let auto = machine.auto_transition(state).filter(|_| auto_is_due);
            let next = machine
                .available(state)
                .filter(|event| auto.is_none_or(|auto| auto == *event));
            for event in next {
                let state = machine.accumulate(event, state);
                let (to, discovers) = match known.get(&state) {
                    Some(None) => continue,
                    Some(Some(to)) => (*to, false),
                    None if machine.auto_transitions(state).is_err() => {
                        known.insert(state, None);
                        continue;
                    }
                    None if graph.nodes.len() >= cap => {
                        graph.complete = false;
                        continue;
                    }
                    None => (graph.nodes.len(), true),
                };
                if discovers {
                    known.insert(state, Some(to));
                    let due = machine.auto_transition(state).is_some();
                    graph.nodes.push(node(state, due, Some((from, event))));
                }
                graph.nodes[from].has_next = true;
                graph.edges.push(Edge {
                    from,
                    event,
                    to,
                    discovers,
                });
            }
            from += 1;
        }
        graph
    }

    /// Returns the events of the shortest path to a node, auto transitions included.
    pub(super) fn path(&self, mut position: usize) -> Vec<EventIndex> {
        let mut path = Vec::new();
        while let Some((before, event)) = self.nodes[position].reached_by {
            path.push(event);
            position = before;
        }
        path.reverse();
        path
    }
}
