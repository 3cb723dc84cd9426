//! Path of events followed in a constant, which `transitions!` expands to.
//!
//! The compiler evaluates one step at a time, so the number of states of the machine does not
//! matter. A step that is not legal panics, which in a constant is a compile error at the caller.

mod explain;
mod member_names;
mod text;

use std::borrow::Cow;

use crate::{Clause, EventRule, Machine, StateSet};

/// Position of a path in a machine. For generated code.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ConstPath {
    rules: &'static [EventRule],
    /// Names of the variants; empty if they are not known.
    variants: &'static [&'static str],
    state: StateSet,
    /// Whether an event has happened, so that an auto transition may be due.
    begun: bool,
}

impl ConstPath {
    /// Begins a path before the first event.
    ///
    /// A machine without rules, which an enum with errors has, accepts every path.
    pub const fn new(machine: &'static Machine, variants: &'static [&'static str]) -> Self {
        Self {
            rules: machine.table(),
            variants,
            state: StateSet::EMPTY,
            begun: false,
        }
    }

    /// Moves the path to a given state.
    pub const fn starting_in(self, events: &[u8]) -> Self {
        let state = set_of(events);
        Self {
            state,
            begun: !state.is_empty(),
            ..self
        }
    }

    /// Returns whether the event is legal here and no auto transition is due before it.
    #[must_use]
    pub const fn may_be_next(self, event: u8) -> bool {
        let position = event as usize;
        match self.due() {
            Some(due) => due == position,
            None => position < self.rules.len() && self.is_legal(position),
        }
    }

    /// Appends an event to the path.
    ///
    /// # Panics
    /// If the event is not legal here, or an auto transition is due.
    #[track_caller]
    pub const fn then(self, event: u8) -> Self {
        let position = event as usize;
        if position >= self.rules.len() {
            return self;
        }
        if !self.may_be_next(event) {
            match self.due() {
                Some(due) => panic!("{}", self.not_due(position, due).as_str()),
                None => panic!("{}", self.illegal(position).as_str()),
            }
        }
        Self {
            state: self.rules[position].update.apply(self.state),
            begun: true,
            ..self
        }
    }

    /// Asserts that the event may not be the next one: it is not legal, or an auto transition is
    /// due.
    ///
    /// # Panics
    /// If the event may be the next.
    #[track_caller]
    pub const fn then_never(self, event: u8) -> Self {
        let position = event as usize;
        if self.may_be_next(event) {
            panic!("{}", self.legal(position).as_str());
        }
        self
    }

    /// Asserts that the path has reached exactly this state.
    ///
    /// # Panics
    /// If the path has reached another state.
    #[track_caller]
    pub const fn reaching(self, events: &[u8]) -> Self {
        let said = set_of(events);
        if !self.rules.is_empty() && self.state.bits() != said.bits() {
            panic!("{}", self.in_another_state(said).as_str());
        }
        self
    }

    const fn clauses(&self, position: usize) -> &'static [Clause] {
        match &self.rules[position].clauses {
            Cow::Borrowed(clauses) => clauses,
            Cow::Owned(clauses) => clauses.as_slice(),
        }
    }

    const fn is_legal(&self, position: usize) -> bool {
        let clauses = self.clauses(position);
        let mut next = 0;
        while next < clauses.len() {
            if clauses[next].matches(self.state) {
                return true;
            }
            next += 1;
        }
        false
    }

    /// Returns the auto transition that is due here.
    const fn due(&self) -> Option<usize> {
        let mut position = 0;
        while self.begun && position < self.rules.len() {
            if self.rules[position].auto_transition && self.is_legal(position) {
                return Some(position);
            }
            position += 1;
        }
        None
    }
}

const fn set_of(events: &[u8]) -> StateSet {
    let mut bits = 0;
    let mut next = 0;
    while next < events.len() {
        bits |= 1 << events[next];
        next += 1;
    }
    StateSet::from_bits(bits)
}

#[cfg(test)]
mod tests;
