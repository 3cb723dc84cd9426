//! Appends to one entity that travel as one part of a statement, each after the one before it.
//!
//! What the second demands of the state that the first makes is carried back to a demand on the
//! state that the statement will find, so that it is one append of all their events. All are stored
//! or none is: which of them was to blame then, the head that was found says.

use std::ops::Range;
use std::sync::Arc;

use eventsource_model::{Clause, StateSet, Update};
use tokio::sync::oneshot;

use crate::store::postgres::append::foresee::{KEEP, carried_back, product};
use crate::store::postgres::append::judged::{Answer, Found};
use crate::store::postgres::append::prepared::{Course, Prepared, Step};

/// The most appends to one entity in one statement.
const MOST: usize = 64;

/// An append that waits for its answer.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) part: Arc<Prepared>,
    pub(crate) answer: oneshot::Sender<Answer>,
    /// How many travel together if this is the first of them.
    most: usize,
}

impl Job {
    pub(crate) fn new(part: Arc<Prepared>, answer: oneshot::Sender<Answer>) -> Self {
        let most = MOST;
        Self { part, answer, most }
    }

    /// Whoever asked may have gone.
    pub(crate) fn tell(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

/// At least one append to one entity.
#[derive(Debug)]
pub(crate) struct Convoy {
    pub(crate) jobs: Vec<Job>,
    /// What the state must be for all to be stored, and what they make of it; `None` of one that
    /// travels alone.
    whole: Option<(Vec<Clause>, Update)>,
    /// How many may travel together.
    most: usize,
}

/// The appends after one that was refused as a whole.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The head refuses the first.
    pub(crate) refused: Option<Job>,
    /// What is to be sent again, in order.
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

    /// Takes the append as well, or gives it back: nobody who comes later can join then.
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

    /// All of them as one.
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

    /// Each append with its steps among those that were stored of all.
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

    /// What is to be done when nothing was stored, and this is the head.
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

    /// Whether all can follow this head.
    pub(crate) fn is_legal(&self, head: Option<&Found>) -> bool {
        self.legal(head) == self.jobs.len()
    }

    /// How many of them, from the first on, can follow this head.
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

    /// Its appends, none of which travels with another.
    pub(crate) fn one_by_one(self) -> Vec<Job> {
        let mut jobs = self.jobs;
        for job in &mut jobs {
            job.most = 1;
        }
        jobs
    }
}

/// What must hold of the first state for this append too, and what it makes of it.
fn joined(when: &[Clause], so_far: Update, part: &Prepared) -> Option<(Vec<Clause>, Update)> {
    // Who expects a sequence wants to be the first after it.
    let course = goes_along(part).filter(|_| part.expected.is_none())?;
    let when = product(when, &carried_back(&demands(course), so_far))?;
    (!when.is_empty()).then(|| (when, so_far.then(after(course))))
}

/// An append with a key answers for itself alone.
fn goes_along(part: &Prepared) -> Option<&Course> {
    only_course(part).filter(|_| part.key.is_none())
}

fn only_course(part: &Prepared) -> Option<&Course> {
    match part.courses.as_slice() {
        [course] => Some(course),
        _ => None,
    }
}

/// The demands of a course in the database's numbers, which are bits like any others.
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

/// A step of an append that goes on where `last` ended.
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
        // A clock that was set back must not reorder a stream (C19, X20).
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

    /// An event that begins a version, whatever the state.
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
