//! Random choice of legal walks through a machine.

use eventsource_model::findings::DEFAULT_MAX_STATES;
use eventsource_model::{EventIndex, Machine, StateSet, Walk, Walks};
use proptest::collection::SizeRange;
use proptest::prelude::RngExt;
use proptest::test_runner::{Reason, TestRng, TestRunner};

/// Machine with its explored walks, from which random walks are chosen.
#[derive(Debug)]
pub(super) struct Guide {
    pub(super) machine: &'static Machine,
    pub(super) walks: Walks<'static>,
    /// Appended events of the walks that together take every transition of the machine.
    covering: Vec<Vec<EventIndex>>,
}

impl Guide {
    /// Explores the machine.
    pub(super) fn new(machine: &'static Machine) -> Self {
        let walks = machine.walks(DEFAULT_MAX_STATES);
        let covering = walks.covering().map(|walk| walk.appended().collect());
        Self {
            machine,
            covering: covering.collect(),
            walks,
        }
    }

    /// Chooses the events to append: as many as `len` allows, or fewer if the walk ends before.
    pub(super) fn choose(
        &self,
        runner: &mut TestRunner,
        len: &SizeRange,
    ) -> Result<Vec<EventIndex>, Reason> {
        if len.start() >= len.end_excl() {
            return Err("the range of lengths is empty".into());
        }
        let rng = runner.rng();
        let wanted = rng.random_range(len.start()..len.end_excl());
        let mut appended = Vec::new();
        let mut walk = Walk::default();
        if !self.covering.is_empty() && rng.random_bool(0.5) {
            let begin = &self.covering[rng.random_range(0..self.covering.len())];
            for event in begin.iter().take(wanted) {
                if walk.append(self.machine, *event).is_err() {
                    break;
                }
                appended.push(*event);
            }
            // The walk ended before the shortest allowed length: its last event must be another
            // one.
            if appended.len() < len.start() && self.ends(walk.state()) {
                appended.pop();
                walk = Walk::of(self.machine, appended.iter().copied()).unwrap_or_default();
            }
        }
        while appended.len() < wanted {
            let too_short = appended.len() + 1 < len.start();
            let Some((event, longer)) = self.step(rng, &walk, too_short) else {
                break;
            };
            appended.push(event);
            walk = longer;
        }
        Ok(appended)
    }

    /// Chooses a random legal event and returns it with the longer walk.
    ///
    /// If the walk `goes_on`, events that do not end it are preferred.
    fn step(&self, rng: &mut TestRng, walk: &Walk, goes_on: bool) -> Option<(EventIndex, Walk)> {
        let next = self.machine.available(walk.state()).filter_map(|event| {
            let mut longer = walk.clone();
            longer.append(self.machine, event).ok()?;
            Some((event, longer))
        });
        let mut next: Vec<(EventIndex, Walk)> = next.collect();
        let leads_on = |longer: &Walk| !self.ends(longer.state());
        if goes_on && next.iter().any(|(_, longer)| leads_on(longer)) {
            next.retain(|(_, longer)| leads_on(longer));
        }
        if next.is_empty() {
            return None;
        }
        let chosen = rng.random_range(0..next.len());
        Some(next.swap_remove(chosen))
    }

    /// Returns whether no event is legal in the state.
    fn ends(&self, state: StateSet) -> bool {
        self.machine.available(state).next().is_none()
    }
}
