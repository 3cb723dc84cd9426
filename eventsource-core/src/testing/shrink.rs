//! Shrinking of legal walks to smaller legal ones.

use std::sync::Arc;

use eventsource_model::{EventIndex, Walk};

use super::guide::Guide;

/// Event to append, with a number that it keeps while other events are removed.
///
/// By the number a history keeps the payload of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) event: EventIndex,
    pub(super) number: usize,
}

/// Walk that is tried, with the events to append for it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) appended: Vec<Step>,
    pub(super) walk: Walk,
}

impl Candidate {
    /// Returns the sort key: number of events, then the events by declaration order.
    fn rank(&self) -> (usize, impl Iterator<Item = EventIndex> + '_) {
        let events = self.appended.iter().map(|step| step.event);
        (self.appended.len(), events)
    }

    /// Returns whether the walk is smaller than the other one.
    fn is_less_than(&self, other: &Self) -> bool {
        let ((len, events), (other_len, others)) = (self.rank(), other.rank());
        len < other_len || (len == other_len && events.lt(others))
    }
}

/// Change that may make a walk smaller.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Keeps only this many events from the beginning.
    Keep(usize),
    /// Replaces the events up to this position by the shortest walk that ends with this event type,
    /// which is that of the event at the position or of an auto transition after it.
    ShortestToEvent(usize, EventIndex),
    /// Replaces the events up to this position by the shortest walk to the state after it.
    ShortestToState(usize),
    /// Removes `count` events at the position `from`.
    Drop { from: usize, count: usize },
}

/// Returns all changes of a walk, most promising ones first.
fn changes(walk: &Walk) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut len = 0;
    let mut events = Vec::new();
    for step in walk.steps() {
        len += usize::from(!step.follows_by_itself);
        // Saturates never: the first event is no auto transition.
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

/// Search for a smaller walk that fails, with the methods of a `ValueTree`.
#[derive(Clone, Debug)]
pub(super) struct Shrinker {
    guide: Arc<Guide>,
    /// Minimum number of events to append.
    shortest: usize,
    /// Event type that must be illegal after the walk.
    illegal: Option<EventIndex>,
    /// Smallest walk that is known to fail.
    best: Candidate,
    current: Candidate,
    changes: std::vec::IntoIter<Change>,
    next_number: usize,
    exhausted: bool,
}

impl Shrinker {
    /// Creates the search from the events of a walk; illegal ones are left out.
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

    /// Returns the walk to test.
    pub(super) fn current(&self) -> &Candidate {
        &self.current
    }

    /// Moves on to a walk smaller than the current one, which failed; returns whether there is one.
    pub(super) fn simplify(&mut self) -> bool {
        if self.exhausted {
            return false;
        }
        self.best = self.current.clone();
        self.changes = changes(&self.best.walk).into_iter();
        self.exhausted = !self.advance();
        !self.exhausted
    }

    /// Moves on to another walk, since the current one passed; returns whether there is one.
    pub(super) fn complicate(&mut self) -> bool {
        if self.exhausted {
            return false;
        }
        // With no change left, the smallest failing walk is tested again: its failure lets a
        // composed strategy continue with its next part.
        self.exhausted = !self.advance();
        true
    }

    /// Moves on to the next walk that is smaller than the best one, or back to the best one.
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

    /// Returns the walk of these events if it is legal, long enough and smaller than the best one.
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

    /// Applies a change to the best walk.
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

    /// Replaces the events of the best walk up to `position` by `walk`.
    ///
    /// Events that are in both keep their numbers.
    fn replace(&mut self, position: usize, walk: &Walk) -> Vec<Step> {
        let steps = &self.best.appended;
        let mut left = &steps[..=position];
        let mut replaced = Vec::with_capacity(steps.len());
        let mut appended: Vec<EventIndex> = walk.appended().collect();
        while let Some(event) = appended.pop() {
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
