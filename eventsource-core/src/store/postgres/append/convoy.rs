//! Batch of appends to one entity, written as one part of a statement, each after the one before.
//!
//! The condition of the second on the state after the first becomes a condition on the state that
//! the statement will find, so that it is one append of all their events. All are stored
//! or none is: which of them was to blame then, the head that was found says.

use std::ops::Range;
use std::sync::Arc;

use eventsource_model::{Clause, StateSet, Update};
use tokio::sync::oneshot;

use crate::store::postgres::append::foresee::{KEEP, carried_back, product};
use crate::store::postgres::append::judged::{Answer, Found};
use crate::store::postgres::append::prepared::{Course, Prepared, Step};

/// Most appends to one entity in one statement.
const MOST: usize = 64;

/// Pending append with the channel of its answer.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) part: Arc<Prepared>,
    pub(crate) answer: oneshot::Sender<Answer>,
    /// Most appends in a batch that begins with this one.
    most: usize,
}

impl Job {
    pub(crate) fn new(part: Arc<Prepared>, answer: oneshot::Sender<Answer>) -> Self {
        let most = MOST;
        Self { part, answer, most }
    }

    /// Sends the answer, unless the caller has stopped waiting.
    pub(crate) fn tell(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

/// Batch of at least one append to one entity.
#[derive(Debug)]
pub(crate) struct Convoy {
    pub(crate) jobs: Vec<Job>,
    /// Condition on the state for all to be stored, and their update of it; `None` for an append that
    /// cannot be merged.
    whole: Option<(Vec<Clause>, Update)>,
    /// Most appends in the batch.
    most: usize,
}

/// Appends of a batch that was refused as a whole.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Append that the head refuses.
    pub(crate) refused: Option<Job>,
    /// Appends to queue again, in order.
    pub(crate) again: Vec<Job>,
}

impl Convoy {
    pub(crate) fn of(job: Job) -> Self {
        Self {
            whole: goes_along(&job.part).map(|course| (demands(course), after(course))),
            most: job.most,
            jobs: vec![job],
        }
    }

    /// Adds the append, or returns it; after that no later append can be added.
    pub(crate) fn join(&mut self, job: Job) -> Result<(), Job> {
        let whole = self.whole.as_ref().filter(|_| self.jobs.len() < self.most);
        let joined = whole.and_then(|(when, so_far)| joined(when, *so_far, &job.part));
        if joined.is_none() {
            self.most = 0;
            return Err(job);
        }
        self.whole = joined;
        self.jobs.push(job);
        Ok(())
    }

    /// Returns the appends merged into one.
    pub(crate) fn part(&self) -> Arc<Prepared> {
        let first = &self.jobs[0].part;
        let Some((when, _)) = self.whole.as_ref().filter(|_| self.jobs.len() > 1) else {
            return Arc::clone(first);
        };
        let mask = |set: StateSet| set.bits().cast_signed();
        let mut steps: Vec<Step> = Vec::new();
        for job in &self.jobs {
            let so_far = steps.last().cloned();
            let next = job.part.courses.iter().flat_map(|course| &course.steps);
            steps.extend(next.map(|step| match &so_far {
                Some(last) => behind(last, step),
                None => step.clone(),
            }));
        }
        Arc::new(Prepared {
            entity_id: first.entity_id,
            expected: first.expected,
            now: first.now,
            key: None,
            courses: vec![Course {
                when: when
                    .iter()
                    .map(|clause| (mask(clause.all), mask(clause.none)))
                    .collect(),
                steps,
            }],
        })
    }

    /// Returns each append with the range of its steps among those of the batch.
    pub(crate) fn into_jobs(self, stored: usize) -> impl Iterator<Item = (Job, Range<usize>)> {
        let together = self.jobs.len() > 1;
        let mut start = 0;
        self.jobs.into_iter().map(move |job| {
            let own = only_course(&job.part).filter(|_| together);
            let range = start..start + own.map_or(stored, |course| course.steps.len());
            start = range.end;
            (job, range)
        })
    }

    /// Splits a batch that was refused at this head.
    pub(crate) fn broken(self, head: Option<&Found>) -> Broken {
        let legal = match self.jobs.len() {
            // The statement knows better, and why.
            1 => 0,
            _ => self.legal(head),
        };
        let mut jobs = self.jobs;
        if legal == 0 {
            let refused = Some(jobs.remove(0));
            let again = jobs;
            return Broken { refused, again };
        }
        // One fewer than before in any case, lest this go on for ever.
        jobs[0].most = legal.min(jobs.len() - 1);
        Broken {
            refused: None,
            again: jobs,
        }
    }

    /// Checks whether all appends can follow this head.
    pub(crate) fn is_legal(&self, head: Option<&Found>) -> bool {
        self.legal(head) == self.jobs.len()
    }

    /// Returns how many appends, from the first on, can follow this head.
    fn legal(&self, head: Option<&Found>) -> usize {
        let (seq, mut state) = head.map_or((0, 0), |head| (head.seq, head.state));
        let goes = |job: &&Job| -> bool {
            // Only the first can expect a sequence.
            if job.part.expected.is_some_and(|expected| expected != seq) {
                return false;
            }
            let mut clauses = job.part.clauses();
            let legal = clauses.any(|(_, has, lacks)| state & has == has && state & lacks == 0);
            let steps = only_course(&job.part).and_then(|course| course.steps.last());
            if let Some((keep, add)) = steps.map(|step| step.after) {
                state = state & keep | add;
            }
            legal
        };
        self.jobs.iter().take_while(goes).count()
    }

    /// Returns the appends, each of which then stays in a batch of its own.
    pub(crate) fn one_by_one(self) -> Vec<Job> {
        let mut jobs = self.jobs;
        for job in &mut jobs {
            job.most = 1;
        }
        jobs
    }
}

/// Returns the condition and the update of a batch with one more append; `None` if it cannot be
/// merged.
fn joined(when: &[Clause], so_far: Update, part: &Prepared) -> Option<(Vec<Clause>, Update)> {
    // Who expects a sequence wants to be the first after it.
    let course = goes_along(part).filter(|_| part.expected.is_none())?;
    let when = product(when, &carried_back(&demands(course), so_far))?;
    (!when.is_empty()).then(|| (when, so_far.then(after(course))))
}

/// Returns the only course of an append that can be merged: one without a key.
fn goes_along(part: &Prepared) -> Option<&Course> {
    only_course(part).filter(|_| part.key.is_none())
}

fn only_course(part: &Prepared) -> Option<&Course> {
    match part.courses.as_slice() {
        [course] => Some(course),
        _ => None,
    }
}

/// Returns the condition of a course as clauses over the bits of the database.
fn demands(course: &Course) -> Vec<Clause> {
    let clause = |(has, lacks): &(i64, i64)| Clause {
        all: set(*has),
        none: set(*lacks),
    };
    course.when.iter().map(clause).collect()
}

fn after(course: &Course) -> Update {
    course.steps.last().map_or(KEEP, |step| update(step.after))
}

fn update((keep, add): (i64, i64)) -> Update {
    Update {
        keep: set(keep),
        add: set(add),
    }
}

fn set(bits: i64) -> StateSet {
    StateSet::from_bits(bits.cast_unsigned())
}

/// Returns the step of an append that continues where `last` ended.
fn behind(last: &Step, step: &Step) -> Step {
    let masks = |next: (i64, i64)| {
        let both = update(last.after).then(update(next));
        (
            both.keep.bits().cast_signed(),
            both.add.bits().cast_signed(),
        )
    };
    let mut foreseen = step.foreseen;
    foreseen.prior = last.foreseen.after.then(foreseen.prior);
    foreseen.after = last.foreseen.after.then(foreseen.after);
    Step {
        // A system clock that was set back must not reorder a stream.
        now: step.now.max(last.now),
        prior: masks(step.prior),
        after: masks(step.after),
        restarts: last.restarts + step.restarts,
        // Its own count is of what follows a head; so is this.
        first_version: last.first_version + step.restarts,
        foreseen,
        ..step.clone()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use eventsource_model::EventIndex;
    use uuid::Uuid;

    use super::*;
    use crate::store::postgres::append::foresee;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// Returns an append of an event that begins a generation in any state.
    fn job(seconds: i64) -> Job {
        let step = Step {
            now: at(seconds),
            metadata: Arc::default(),
            event_id: Uuid::now_v7(),
            event_type: 0,
            prior: (-1, 0),
            after: (-1, 0),
            restarts: 1,
            first_version: 1,
            restarting: 1,
            payload: Arc::default(),
            foreseen: foresee::Step {
                event: EventIndex::new(0).unwrap(),
                asked: 0,
                auto: false,
                prior: KEEP,
                after: KEEP,
            },
        };
        let part = Prepared {
            entity_id: Uuid::nil(),
            expected: None,
            now: at(seconds),
            courses: vec![Course {
                when: vec![(0, 0)],
                steps: vec![step],
            }],
            key: None,
        };
        Job::new(Arc::new(part), oneshot::channel().0)
    }

    #[test]
    fn a_clock_that_is_set_back_between_two_appends_reorders_nothing() {
        let mut convoy = Convoy::of(job(5));
        for seconds in [3, 7, 6] {
            convoy.join(job(seconds)).unwrap();
        }
        let part = convoy.part();
        let steps = &part.courses[0].steps;
        let times: Vec<_> = steps.iter().map(|step| step.now).collect();
        assert_eq!(times, [5, 5, 7, 7].map(at));
        let versions = steps.iter().map(|step| (step.restarts, step.first_version));
        assert!(versions.eq([(1, 1), (2, 2), (3, 3), (4, 4)]));
    }
}
