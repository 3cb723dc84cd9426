//! Quotient of a machine: states that behave alike, merged.

use std::collections::HashMap;

use crate::{Exploration, Machine, StateSet, Transition};

/// Class of states that no sequence of events can tell apart.
///
/// In each of them the same events are legal, and lead to states that behave alike again.
///
/// ```
/// # use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec};
/// let machine = Machine::compile(&MachineSpec::new("note", [
///     EventSpec::new("WRITTEN"),
///     EventSpec::new("STARRED").follows(Formula::event("WRITTEN")).accumulate(Accumulator::Union),
/// ]))?;
/// let quotient = machine.explore(100).quotient(100).unwrap();
/// let written = &quotient.blocks()[1];
/// assert_eq!(written.members().len(), 2);
/// assert_eq!(written.label(&machine), ["WRITTEN", "with or without STARRED"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    members: Vec<StateSet>,
}

impl Block {
    /// Returns the states, in the order of the exploration; at least one.
    #[must_use]
    pub fn members(&self) -> &[StateSet] {
        &self.members
    }

    /// Returns the event types that every member has.
    #[must_use]
    pub fn common(&self) -> StateSet {
        self.members
            .iter()
            .fold(StateSet::ALL, |common, state| common.intersection(*state))
    }

    /// Returns the event types that some members have and others lack.
    #[must_use]
    pub fn varying(&self) -> StateSet {
        self.members
            .iter()
            .fold(StateSet::EMPTY, |all, state| all.union(*state))
            .difference(self.common())
    }

    /// Describes the block in one or two lines: first the event types that its members share, then
    /// those that vary.
    ///
    /// The block of the empty state has no lines.
    ///
    /// # Panics
    /// If the block is of another machine.
    #[must_use]
    pub fn label(&self, machine: &Machine) -> Vec<String> {
        let names = |set| machine.names(set).join(", ");
        let (common, varying) = (self.common(), self.varying());
        let mut lines = Vec::new();
        if !common.is_empty() {
            lines.push(names(common));
        }
        if !varying.is_empty() {
            let one = self.members.iter().all(|state| state.len() == 1);
            let words = match (common.is_empty(), one) {
                (false, _) => "with or without",
                (true, true) => "one of",
                (true, false) => "some of",
            };
            lines.push(format!("{words} {}", names(varying)));
        }
        lines
    }
}

/// Machine in which states that behave alike are one: its quotient by bisimulation.
///
/// The legal events of a state are those of its block, so a walk through the blocks is a walk
/// through the machine. The empty state is a block of its own, since every life begins there.
///
/// ```
/// # use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
/// let after = |name: &str| EventSpec::new(name).follows(Formula::event("BEGUN"));
/// let machine = Machine::compile(&MachineSpec::new("job", [
///     EventSpec::new("BEGUN"), after("FAILED"), after("SUCCEEDED"),
/// ]))?;
/// let exploration = machine.explore(100);
/// let quotient = exploration.quotient(100).unwrap();
/// assert_eq!((exploration.states().len(), quotient.blocks().len()), (4, 3));
/// assert_eq!(quotient.blocks()[2].label(&machine), ["one of FAILED, SUCCEEDED"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotient {
    blocks: Vec<Block>,
    transitions: Vec<Transition>,
}

impl Quotient {
    /// Returns the blocks, in the order in which exploration found their first members; the empty
    /// state is first.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Returns the legal steps between blocks, by their positions, each once.
    #[must_use]
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// Returns the position of the block of `state`, if it is reachable.
    #[must_use]
    pub fn position_of(&self, state: StateSet) -> Option<usize> {
        let has = |block: &Block| block.members.contains(&state);
        self.blocks.iter().position(has)
    }
}

impl Exploration {
    /// Merges the states that behave alike.
    ///
    /// `None` if there are more than `max_blocks` blocks, or if the exploration is not complete:
    /// then the behaviour of its last states is unknown.
    ///
    /// The method is partition refinement: states start together if the same events are legal, and
    /// part if an event leads them to blocks that have parted. A round takes time in proportion to
    /// the transitions, and each round but the last makes at least one more block.
    #[must_use]
    pub fn quotient(&self, most: usize) -> Option<Quotient> {
        if !self.is_complete() {
            return None;
        }
        let count = self.states().len();
        // The empty state apart from the others.
        let mut block_of: Vec<usize> = (0..count).map(|state| state.min(1)).collect();
        let mut blocks = count.min(2);
        loop {
            let mut steps: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
            for step in self.transitions() {
                steps[step.from].push((step.event.get(), block_of[step.to]));
            }
            let mut found = HashMap::new();
            let refined: Vec<usize> = (block_of.iter().zip(steps))
                .map(|(block, steps)| {
                    // In the order of first members.
                    let next = found.len();
                    *found.entry((*block, steps)).or_insert(next)
                })
                .collect();
            if found.len() > most {
                return None;
            }
            let stable = found.len() == blocks;
            (block_of, blocks) = (refined, found.len());
            if stable {
                break;
            }
        }
        Some(self.taken_together(&block_of, blocks))
    }

    fn taken_together(&self, block_of: &[usize], count: usize) -> Quotient {
        let mut blocks = vec![Block { members: vec![] }; count];
        let mut is_first = Vec::with_capacity(block_of.len());
        for (found, block) in self.states().iter().zip(block_of) {
            is_first.push(blocks[*block].members.is_empty());
            blocks[*block].members.push(found.state);
        }
        // The steps of one member are those of all.
        let steps = self.transitions().iter().filter(|step| is_first[step.from]);
        let transitions = steps
            .map(|step| Transition {
                from: block_of[step.from],
                event: step.event,
                to: block_of[step.to],
            })
            .collect();
        Quotient {
            blocks,
            transitions,
        }
    }
}
