//! What is known of a machine, and how a walk is found in it.

use eventsource_model::findings::DEFAULT_MAX_STATES;
use eventsource_model::{EventIndex, Machine, StateSet, Walk, Walks};
use proptest::collection::SizeRange;
use proptest::prelude::RngExt;
use proptest::test_runner::{Reason, TestRng, TestRunner};

#[derive(Debug)]
pub(super) struct Guide {
    pub(super) machine: &'static Machine,
    pub(super) walks: Walks<'static>,
    /// What to append to take some step of the machine; together they take every step.
    journeys: Vec<Vec<EventIndex>>,
}

impl Guide {
    pub(super) fn new(machine: &'static Machine) -> Self {
        let walks = machine.walks(DEFAULT_MAX_STATES);
        let journeys = walks.covering().map(|walk| walk.appended().collect());
        Self {
            machine,
            journeys: journeys.collect(),
            walks,
        }
    }

    /// What to append, of a length in the range unless the walk ends before.
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
        if !self.journeys.is_empty() && rng.random_bool(0.5) {
            let journey = &self.journeys[rng.random_range(0..self.journeys.len())];
            for event in journey.iter().take(wanted) {
                if walk.append(self.machine, *event).is_err() {
                    break;
                }
                appended.push(*event);
            }
            // A journey to an end is for those who ask for no more.
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

    /// A random event that a store would take next; if the walk is to go on, one that does not end
    /// it, where there is one.
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

    fn ends(&self, state: StateSet) -> bool {
        self.machine.available(state).next().is_none()
    }
}
