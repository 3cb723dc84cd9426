//! Queue of pending appends: at most two statements in flight, an entity and an idempotency key in at
//! most one of them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::Seq;
use crate::store::postgres::append::convoy::{Convoy, Job};
use crate::store::postgres::append::judged::Verdict;
use crate::store::postgres::append::prepared::{Key, Prepared};

/// Most appends in one statement; more would not be cheaper for the server, and take longer.
const MOST: usize = 512;

/// Most statements in flight: one runs while the other waits for the disk. With more of them each has
/// fewer appends, and costs the server nearly as much.
const LANES: usize = 2;

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Entities in a statement in flight.
    busy: HashSet<Uuid>,
    /// Idempotency keys in a statement in flight: a second append with one would fail its statement.
    keys: HashSet<String>,
    /// Sequences of entities that statements have returned, for the appends that waited.
    heads: HashMap<Uuid, i32>,
    lanes: usize,
    /// Whether a worker is about to take the queue, which two would split.
    gathering: bool,
}

/// Batch of appends to one entity in flight.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) convoy: Convoy,
    /// Appends of the batch merged into one.
    pub(crate) part: Arc<Prepared>,
    pub(crate) seat: Seat,
}

impl AsRef<Prepared> for Sent {
    fn as_ref(&self) -> &Prepared {
        &self.part
    }
}

impl Queue {
    pub(crate) fn push(&self, job: Job) {
        self.waiting().jobs.push_back(job);
    }

    /// Returns a worker to start, unless all are running or the queue is empty.
    pub(crate) fn lane(&self) -> Option<Lane> {
        let mut waiting = self.waiting();
        (waiting.lanes < LANES && waiting.gather()).then(|| {
            waiting.lanes += 1;
            Lane {
                queue: self.clone(),
                gathers: true,
                over: false,
            }
        })
    }

    /// Locks the queue, which a panic elsewhere leaves consistent.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Worker that runs one statement after the other. If it ends early, as with its runtime, pending
/// appends get an error, and start another worker when they are retried.
#[derive(Debug)]
pub(crate) struct Lane {
    queue: Queue,
    gathers: bool,
    over: bool,
}

impl Lane {
    /// Takes the appends of the next statement.
    pub(crate) fn take(&mut self) -> Vec<Sent> {
        let convoys = self.queue.waiting().take();
        self.gathers = false;
        let sent = convoys.into_iter().map(|convoy| Sent {
            part: convoy.part(),
            seat: Seat {
                queue: self.queue.clone(),
                first: Arc::clone(&convoy.jobs[0].part),
                again: None,
                head: None,
            },
            convoy,
        });
        sent.collect()
    }

    /// Checks whether to run another statement. If it took nothing, the pending appends wait for a
    /// statement in flight, and run after it.
    pub(crate) fn goes_on(&mut self, took: bool) -> bool {
        let mut waiting = self.queue.waiting();
        self.gathers = took && waiting.gather();
        if !self.gathers {
            waiting.lanes -= 1;
            self.over = true;
        }
        self.gathers
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut waiting = self.queue.waiting();
        waiting.lanes -= 1;
        if self.gathers {
            waiting.gathering = false;
        }
        let stranded = mem::take(&mut waiting.jobs);
        drop(waiting);
        drop(stranded);
    }
}

/// Guard of the entity and the key of a statement in flight. Dropping it releases both, whatever the
/// outcome of the statement.
#[derive(Debug)]
pub(crate) struct Seat {
    queue: Queue,
    first: Arc<Prepared>,
    again: Option<Vec<Job>>,
    head: Option<i32>,
}

impl Seat {
    /// Records the sequence of the entity after the statement.
    pub(crate) fn is_at(&mut self, seq: i32) {
        self.head = Some(seq);
    }

    /// Releases the entity and the key, and queues these appends before later ones.
    pub(crate) fn leave(mut self, again: Vec<Job>) {
        self.again = Some(again);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let entity_id = self.first.entity_id;
        let mut stranded = Vec::new();
        let mut waiting = self.queue.waiting();
        waiting.busy.remove(&entity_id);
        if let Some(Key { key, .. }) = &self.first.key {
            waiting.keys.remove(key);
        }
        if let Some(again) = self.again.take() {
            for job in again.into_iter().rev() {
                waiting.jobs.push_front(job);
            }
            // Only who waits already is to know: the next statement is soon.
            if let Some(seq) = self.head
                && !waiting.jobs.is_empty()
            {
                waiting.heads.insert(entity_id, seq);
            }
        } else {
            // Nobody sets a lane going after a statement that did not end.
            let jobs = mem::take(&mut waiting.jobs).into_iter();
            let (behind, others): (Vec<Job>, Vec<Job>) =
                jobs.partition(|job| job.part.shares(&self.first));
            waiting.jobs = others.into();
            stranded = behind;
        }
        drop(waiting);
        drop(stranded);
    }
}

impl Waiting {
    /// Checks whether the caller is to take the queue.
    fn gather(&mut self) -> bool {
        let gathers = !self.gathering && !self.jobs.is_empty();
        self.gathering |= gathers;
        gathers
    }

    /// Takes the appends of the next statement in order of arrival, merged by entity.
    fn take(&mut self) -> Vec<Convoy> {
        self.gathering = false;
        let heads = mem::take(&mut self.heads);
        let mut taken: Vec<Convoy> = Vec::new();
        // Where an entity's convoy is; none if the first of its jobs has to wait.
        let mut at: HashMap<Uuid, Option<usize>> = HashMap::new();
        let mut left = VecDeque::new();
        let mut room = MOST;
        while let Some(job) = self.jobs.pop_front() {
            // Nobody waits for it any more, and it was not sent: nor will it be.
            if job.answer.is_closed() {
                continue;
            }
            let entity_id = job.part.entity_id;
            // A sequence never goes back: the database could only say the same.
            if let Some(seq) = heads.get(&entity_id)
                && job.part.is_behind(*seq)
            {
                job.tell(Ok(Verdict::Passed(Seq::new(seq.unsigned_abs()))));
                continue;
            }
            if room == 0 {
                left.push_back(job);
                continue;
            }
            match at.get(&entity_id) {
                Some(None) => left.push_back(job),
                Some(Some(at)) => match taken[*at].join(job) {
                    Ok(()) => room -= 1,
                    Err(job) => left.push_back(job),
                },
                None if self.admit(&job.part) => {
                    at.insert(entity_id, Some(taken.len()));
                    taken.push(Convoy::of(job));
                    room -= 1;
                }
                None => {
                    at.insert(entity_id, None);
                    left.push_back(job);
                }
            }
        }
        self.jobs = left;
        taken
    }

    /// Reserves the entity and the key, if both are free.
    fn admit(&mut self, part: &Prepared) -> bool {
        let key = part.key.as_ref().map(|key| &key.key);
        if self.busy.contains(&part.entity_id) || key.is_some_and(|key| self.keys.contains(key)) {
            return false;
        }
        self.busy.insert(part.entity_id);
        self.keys.extend(key.cloned());
        true
    }
}
