//! Smaller walks, legal ones only.

use std::sync::Arc;

use eventsource_model::{EventIndex, Walk};

use super::guide::Guide;

/// An event to append. The number stays with it while events around it go, so that a payload can
/// stay with it, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) event: EventIndex,
    pub(super) number: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) appended: Vec<Step>,
    pub(super) walk: Walk,
}

impl Candidate {
    /// Fewer events are less, and then what was declared earlier is.
    fn rank(&self) -> (usize, impl Iterator<Item = EventIndex> + '_) {
        let events = self.appended.iter().map(|step| step.event);
        (self.appended.len(), events)
    }

    fn is_less_than(&self, other: &Self) -> bool {
        let ((len, events), (other_len, others)) = (self.rank(), other.rank());
        len < other_len || (len == other_len && events.lt(others))
    }
}

/// A way to make a walk smaller.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Only the first events.
    Keep(usize),
    /// Up to and with the event here, the shortest walk that ends with it, or with an auto
    /// transition that follows it.
    ShortestToEvent(usize, EventIndex),
    /// Up to and with the event here, the shortest walk to the state after it.
    ShortestToState(usize),
    /// Without so many events from here on.
    Drop { from: usize, count: usize },
}

/// Every way, those first that promise most.
fn changes(walk: &Walk) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut len = 0;
    let mut events = Vec::new();
    for step in walk.steps() {
        len += usize::from(!step.follows_by_itself);
        // The first is never an auto transition.
        events.push((len.saturating_sub(1), step.event));
    }
    let mut keep = 0;
    while keep < len {
        changes.push(Change::Keep(keep));
        keep += (len - keep).div_ceil(2);
    }
    let events = events.into_iter().rev();
    changes.extend(events.map(|(position, event)| Change::ShortestToEvent(position, event)));
    changes.extend((0..len).rev().map(Change::ShortestToState));
    for count in (1..len).rev() {
        changes.extend((0..=len - count).map(|from| Change::Drop { from, count }));
    }
    changes
}

/// Walks through ever smaller walks, as a `ValueTree` does.
#[derive(Clone, Debug)]
pub(super) struct Shrinker {
    guide: Arc<Guide>,
    /// No walk gets shorter than this.
    shortest: usize,
    /// What must be illegal after the walk.
    illegal: Option<EventIndex>,
    /// The smallest that is known to fail.
    best: Candidate,
    current: Candidate,
    changes: std::vec::IntoIter<Change>,
    next_number: usize,
    exhausted: bool,
}

impl Shrinker {
    /// Panics nowhere: what of the events is not legal is left out.
    pub(super) fn new(
        guide: Arc<Guide>,
        appended: &[EventIndex],
        shortest: usize,
        illegal: Option<EventIndex>,
    ) -> Self {
        let mut walk = Walk::default();
        let mut steps = Vec::new();
        for event in appended {
            if walk.append(guide.machine, *event).is_ok() {
                let number = steps.len();
                steps.push(Step {
                    event: *event,
                    number,
                });
            }
        }
        let current = Candidate {
            appended: steps,
            walk,
        };
        Self {
            guide,
            shortest,
            illegal,
            best: current.clone(),
            next_number: current.appended.len(),
            current,
            changes: Vec::new().into_iter(),
            exhausted: false,
        }
    }

    pub(super) fn current(&self) -> &Candidate {
        &self.current
    }

    pub(super) fn simplify(&mut self) -> bool {
        if self.exhausted {
            return false;
        }
        self.best = self.current.clone();
        self.changes = changes(&self.best.walk).into_iter();
        self.exhausted = !self.advance();
        !self.exhausted
    }

    pub(super) fn complicate(&mut self) -> bool {
        if self.exhausted {
            return false;
        }
        // When nothing is left to try, the smallest that fails is tried again: its failing lets a
        // composed strategy go on with its next part.
        self.exhausted = !self.advance();
        true
    }

    /// On to the next smaller walk than the best, or back to the best.
    fn advance(&mut self) -> bool {
        while let Some(change) = self.changes.next() {
            let appended = self.apply(change);
            if let Some(candidate) = appended.and_then(|appended| self.check(appended)) {
                self.current = candidate;
                return true;
            }
        }
        self.current = self.best.clone();
        false
    }

    fn check(&self, appended: Vec<Step>) -> Option<Candidate> {
        let machine = self.guide.machine;
        let walk = Walk::of(machine, appended.iter().map(|step| step.event)).ok()?;
        let candidate = Candidate { appended, walk };
        let long_enough = candidate.appended.len() >= self.shortest;
        let ends_well = self
            .illegal
            .is_none_or(|event| !machine.may_follow(event, candidate.walk.state()));
        (long_enough && ends_well && candidate.is_less_than(&self.best)).then_some(candidate)
    }

    fn apply(&mut self, change: Change) -> Option<Vec<Step>> {
        let steps = &self.best.appended;
        match change {
            Change::Keep(count) => Some(steps[..count].to_vec()),
            Change::Drop { from, count } => {
                let (before, after) = (&steps[..from], &steps[from + count..]);
                Some([before, after].concat())
            }
            Change::ShortestToEvent(position, event) => {
                let walk = self.guide.walks.to_event(event)?;
                Some(self.replace(position, &walk))
            }
            Change::ShortestToState(position) => {
                let events = steps[..=position].iter().map(|step| step.event);
                let state = Walk::of(self.guide.machine, events).ok()?.state();
                let walk = self.guide.walks.to_state(state)?;
                Some(self.replace(position, &walk))
            }
        }
    }

    /// The best with another way up to `position`. Events that both ways have keep their numbers.
    fn replace(&mut self, position: usize, walk: &Walk) -> Vec<Step> {
        let steps = &self.best.appended;
        let mut left = &steps[..=position];
        let mut replaced = Vec::with_capacity(steps.len());
        let mut way: Vec<EventIndex> = walk.appended().collect();
        while let Some(event) = way.pop() {
            let number = match left.iter().rposition(|step| step.event == event) {
                Some(known) => {
                    let number = left[known].number;
                    left = &left[..known];
                    number
                }
                None => {
                    self.next_number += 1;
                    self.next_number - 1
                }
            };
            replaced.push(Step { event, number });
        }
        replaced.reverse();
        replaced.extend_from_slice(&steps[position + 1..]);
        replaced
    }
}
