//! Differences between two versions of a machine.

use std::collections::HashSet;
use std::fmt;

use crate::findings::DEFAULT_MAX_STATES;
use crate::machine::EventRule;
use crate::{EventIndex, Exploration, Machine, StateSet};

/// Longest list that is displayed in full; a longer one ends in "and 12 more".
const MAX_LISTED: usize = 8;

/// Items that were added and items that were removed, in the order of the exploration.
///
/// ```
/// let changes = eventsource_model::Changes { added: vec!["A"], removed: vec![] };
/// assert!(!changes.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<T> {
    /// Items that only the new machine has.
    pub added: Vec<T>,
    /// Items that only the old machine had.
    pub removed: Vec<T>,
}

impl<T> Changes<T> {
    /// Returns whether nothing was added and nothing removed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Event type of both machines whose rules differ.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec};
///
/// let old = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let new = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT").terminal()]))?;
/// let change = &old.diff(&new).rules[0];
/// assert_eq!((change.event.as_str(), change.changes.as_slice()), ("LIT", ["now terminal".to_owned()].as_slice()));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// Name of the event type.
    pub event: String,
    /// Descriptions of the changes, one per line.
    pub changes: Vec<String>,
}

/// Differences between two versions of a machine, by names; see [`Machine::diff`].
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let old = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let new = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// assert_eq!(old.diff(&new).to_string(), "\
/// added events: DIMMED
/// added states: {DIMMED}
/// added transitions: {LIT} -> DIMMED -> {DIMMED}
/// ");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Old and new name of the machine, if it was renamed.
    pub renamed: Option<(String, String)>,
    /// Event types added and removed.
    pub events: Changes<String>,
    /// Whether the event types that both machines have are in another order.
    pub reordered: bool,
    /// Rules that changed, in declaration order.
    pub rules: Vec<RuleChange>,
    /// Reachable states added and removed, as names in declaration order.
    pub states: Changes<Vec<String>>,
    /// Legal transitions added and removed: state before, event, state after.
    pub transitions: Changes<(Vec<String>, String, Vec<String>)>,
    /// Whether states and transitions were compared; they are not if there are more than 4,096.
    pub states_compared: bool,
}

impl Diff {
    /// Returns whether the machines have the same rules.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.renamed.is_none()
            && self.events.is_empty()
            && !self.reordered
            && self.rules.is_empty()
            && self.states.is_empty()
            && self.transitions.is_empty()
    }
}

impl Machine {
    /// Compares this machine with `new`, a later version of it.
    ///
    /// Event types are identified by their names.
    #[must_use]
    pub fn diff(&self, new: &Self) -> Diff {
        let names = CommonNumbering::of(self, new);
        let owned = |machine: &Self, event| machine.name_of(event).to_owned();
        let only = |machine: &Self, other: &Self| -> Vec<String> {
            machine
                .events()
                .filter(|event| other.index_of(machine.name_of(*event)).is_none())
                .map(|event| owned(machine, event))
                .collect()
        };
        let shared: Vec<(EventIndex, EventIndex)> = new
            .events()
            .filter_map(|event| Some((self.index_of(new.name_of(event))?, event)))
            .collect();
        let rules = shared.iter().filter_map(|(before, after)| {
            let changes = names.changes(*before, *after);
            (!changes.is_empty()).then(|| RuleChange {
                event: owned(new, *after),
                changes,
            })
        });
        let (old_states, new_states) = (
            self.explore(DEFAULT_MAX_STATES),
            new.explore(DEFAULT_MAX_STATES),
        );
        let states_compared = old_states.is_complete() && new_states.is_complete();
        let (states, transitions) = if states_compared {
            names.explorations(&old_states, &new_states)
        } else {
            (nothing(), nothing())
        };
        Diff {
            renamed: (self.name() != new.name())
                .then(|| (self.name().to_owned(), new.name().to_owned())),
            events: Changes {
                added: only(new, self),
                removed: only(self, new),
            },
            reordered: !shared.is_sorted_by_key(|(before, _)| *before),
            rules: rules.collect(),
            states,
            transitions,
            states_compared,
        }
    }
}

const fn nothing<T>() -> Changes<T> {
    Changes {
        added: Vec::new(),
        removed: Vec::new(),
    }
}

/// Common numbering of two machines: the event types of the new one, then those that were removed.
struct CommonNumbering<'a> {
    old: &'a Machine,
    new: &'a Machine,
    /// New position by old position.
    moved: Vec<u128>,
}

impl<'a> CommonNumbering<'a> {
    fn of(old: &'a Machine, new: &'a Machine) -> Self {
        let moved = old.events().map(|event| {
            let position = new.index_of(old.name_of(event));
            1 << position.map_or(64 + event.get(), EventIndex::get)
        });
        Self {
            moved: moved.collect(),
            old,
            new,
        }
    }

    fn moved(&self, set: StateSet) -> u128 {
        let events = set.iter().filter_map(|event| self.moved.get(event.get()));
        events.fold(0, |bits, bit| bits | bit)
    }

    /// Describes the changes of an event type at `before` in the old machine and at `after` in the
    /// new one.
    fn changes(&self, before: EventIndex, after: EventIndex) -> Vec<String> {
        let (was, is) = (self.old.rule(before), self.new.rule(after));
        let mut changes = Vec::new();
        if self.clauses(was, true) != self.clauses(is, false) {
            changes.push(format!(
                "follows `{}`, before `{}`",
                self.new.formula_text(&is.follows),
                self.old.formula_text(&was.follows)
            ));
        }
        if self.update(was, true) != self.update(is, false) {
            changes.push("changes the state otherwise".to_owned());
        }
        let marks = [
            ("restarting", was.restarting, is.restarting),
            ("auto_transition", was.auto_transition, is.auto_transition),
            ("terminal", was.terminal, is.terminal),
        ];
        for (mark, was, is) in marks {
            match (was, is) {
                (false, true) => changes.push(format!("now {mark}")),
                (true, false) => changes.push(format!("no longer {mark}")),
                _ => {}
            }
        }
        let fields = is
            .requires
            .iter()
            .filter(|field| !was.requires.contains(field));
        changes.extend(fields.map(|field| format!("now requires {field}")));
        let fields = was
            .requires
            .iter()
            .filter(|field| !is.requires.contains(field));
        changes.extend(fields.map(|field| format!("no longer requires {field}")));
        let (before, after) = (writers(was), writers(is));
        if before != after {
            changes.push(format!("written by {after}, before by {before}"));
        }
        changes
    }

    /// Returns the clauses in the common numbering, sorted.
    fn clauses(&self, rule: &EventRule, old: bool) -> Vec<(u128, u128)> {
        let clause = |all: StateSet, none: StateSet| match (old, none) {
            // `nothing` forbids every event type, of either machine.
            (true, StateSet::ALL) => (self.moved(all), u128::MAX),
            (false, StateSet::ALL) => (u128::from(all.bits()), u128::MAX),
            (true, none) => (self.moved(all), self.moved(none)),
            (false, none) => (u128::from(all.bits()), u128::from(none.bits())),
        };
        let clauses = rule.clauses.iter();
        let mut clauses: Vec<_> = clauses.map(|one| clause(one.all, one.none)).collect();
        clauses.sort_unstable();
        clauses
    }

    /// Returns the masks in the common numbering: the events dropped of those that both machines
    /// have, and the events added.
    fn update(&self, rule: &EventRule, old: bool) -> (u128, u128) {
        let shared = self.moved.iter().fold(0, |bits, bit| bits | bit) & u128::from(u64::MAX);
        let dropped = StateSet::ALL.difference(rule.update.keep);
        if old {
            (self.moved(dropped) & shared, self.moved(rule.update.add))
        } else {
            let added = u128::from(rule.update.add.bits());
            (u128::from(dropped.bits()) & shared, added)
        }
    }

    #[allow(clippy::type_complexity, reason = "the two fields of a diff")]
    fn explorations(
        &self,
        old: &Exploration,
        new: &Exploration,
    ) -> (
        Changes<Vec<String>>,
        Changes<(Vec<String>, String, Vec<String>)>,
    ) {
        let before: Vec<u128> = old
            .states()
            .iter()
            .map(|found| self.moved(found.state))
            .collect();
        let after = new.states().iter();
        let after: Vec<u128> = after.map(|found| u128::from(found.state.bits())).collect();
        let steps =
            |exploration: &Exploration, states: &[u128], event: &dyn Fn(EventIndex) -> u128| {
                let steps = exploration.transitions().iter();
                steps
                    .map(|step| (states[step.from], event(step.event), states[step.to]))
                    .collect::<Vec<_>>()
            };
        let old_steps = steps(old, &before, &|event| self.moved[event.get()]);
        let new_steps = steps(new, &after, &|event| 1 << event.get());
        let states = compared(&before, &after, |bits| self.names(*bits));
        let transitions = compared(&old_steps, &new_steps, |(from, event, to)| {
            (
                self.names(*from),
                self.names(*event).concat(),
                self.names(*to),
            )
        });
        (states, transitions)
    }

    fn names(&self, bits: u128) -> Vec<String> {
        (0..128)
            .filter(|position| bits >> position & 1 == 1)
            .filter_map(|position: usize| {
                let (machine, position) = match position {
                    0..64 => (self.new, position),
                    _ => (self.old, position - 64),
                };
                EventIndex::new(position).map(|event| machine.name_of(event).to_owned())
            })
            .collect()
    }
}

fn compared<K: Eq + std::hash::Hash, T>(
    old: &[K],
    new: &[K],
    named: impl Fn(&K) -> T,
) -> Changes<T> {
    let only = |these: &[K], others: &[K]| {
        let others: HashSet<&K> = others.iter().collect();
        let only = these.iter().filter(|one| !others.contains(one));
        only.map(&named).collect()
    };
    Changes {
        added: only(new, old),
        removed: only(old, new),
    }
}

/// Writes one line for each kind of change, and of each the first few items; nothing without
/// differences.
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((old, new)) = &self.renamed {
            writeln!(f, "the machine is named {new}, before {old}")?;
        }
        changes(f, "events", &self.events, String::clone)?;
        if self.reordered {
            writeln!(f, "the events are in another order")?;
        }
        for rule in self.rules.iter().take(MAX_LISTED) {
            writeln!(f, "{}: {}", rule.event, rule.changes.join("; "))?;
        }
        if let Some(more) = self.rules.len().checked_sub(MAX_LISTED + 1) {
            writeln!(f, "and {} more rules", more + 1)?;
        }
        let state = |names: &Vec<String>| format!("{{{}}}", names.join(", "));
        changes(f, "states", &self.states, state)?;
        changes(f, "transitions", &self.transitions, |(from, event, to)| {
            format!("{} -> {event} -> {}", state(from), state(to))
        })?;
        if !self.states_compared {
            writeln!(f, "there are too many states and transitions to compare")?;
        }
        Ok(())
    }
}

fn changes<T>(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    changes: &Changes<T>,
    text: impl Fn(&T) -> String,
) -> fmt::Result {
    for (list, how) in [(&changes.added, "added"), (&changes.removed, "removed")] {
        if list.is_empty() {
            continue;
        }
        let shown: Vec<String> = list.iter().take(MAX_LISTED).map(&text).collect();
        write!(f, "{how} {what}: {}", shown.join(", "))?;
        match list.len().saturating_sub(MAX_LISTED) {
            0 => writeln!(f)?,
            more => writeln!(f, " and {more} more")?,
        }
    }
    Ok(())
}

/// Describes the roles that may write the event.
fn writers(rule: &EventRule) -> String {
    let mut roles: Vec<&str> = rule.roles.iter().map(AsRef::as_ref).collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() {
        "anyone".to_owned()
    } else {
        roles.join(", ")
    }
}
