//! Text of paths, states and lists in a finding.

use super::state_space::{Evidence, StateSpace};
use crate::{EventIndex, Machine, StateSet};

/// Longest list of names that is written in full; a longer one ends in "and 12 more".
const MAX_NAMES: usize = 8;

/// Quotes the name of an event type for a sentence.
pub(super) fn name(machine: &Machine, event: EventIndex) -> String {
    format!("`{}`", machine.name_of(event))
}

/// Lists names: `A`, `B` and `C`.
pub(super) fn names(machine: &Machine, events: impl IntoIterator<Item = EventIndex>) -> String {
    let names = events.into_iter().map(|event| name(machine, event));
    listed(names.collect(), "and")
}

pub(super) fn listed(mut names: Vec<String>, join: &str) -> String {
    let more = names.len().saturating_sub(MAX_NAMES);
    if more > 0 {
        names.truncate(MAX_NAMES);
        return format!("{} {join} {more} more", names.join(", "));
    }
    match names.pop() {
        None => "nothing".to_owned(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} {join} {last}", names.join(", ")),
    }
}

/// Writes a state: `{Created, Assigned}`, in declaration order.
pub(super) fn state(machine: &Machine, state: StateSet) -> String {
    let mut names: Vec<&str> = state.iter().map(|event| machine.name_of(event)).collect();
    let more = names.len().saturating_sub(2 * MAX_NAMES);
    names.truncate(2 * MAX_NAMES);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if names.is_empty() {
        "empty".to_owned()
    } else {
        format!("{{{}{more}}}", names.join(", "))
    }
}

/// Writes a path: `Created -> Assigned`.
pub(super) fn path(machine: &Machine, path: &[EventIndex]) -> String {
    let names: Vec<&str> = path.iter().map(|event| machine.name_of(*event)).collect();
    names.join(" -> ")
}

impl StateSpace<'_> {
    /// Writes `reached by A -> B, the state is then {B}`, and how many other states show the
    /// finding.
    pub(super) fn reached(&self, seen: &Evidence) -> String {
        let (machine, states) = (self.machine, &seen.states);
        let first = states.first().copied().unwrap_or_default();
        let how = format!(
            "reached by {}, the state is then {}",
            path(machine, &seen.path),
            state(machine, first)
        );
        match states.len() {
            0 | 1 => how,
            more => format!("{how}; the same in {}", self.others(more - 1)),
        }
    }

    /// Writes `11 other states`, with `at least` where not all are known.
    fn others(&self, count: usize) -> String {
        let least = if self.complete { "" } else { "at least " };
        let states = if count == 1 { "state" } else { "states" };
        format!("{least}{count} other {states}")
    }
}
