//! Appends that wait, the lanes in which they travel, and who may not travel yet.

use std::collections::{HashMap, HashSet, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::Seq;
use crate::store::postgres::append::convoy::{Convoy, Job};
use crate::store::postgres::append::judged::Verdict;
use crate::store::postgres::append::prepared::{Key, Prepared};

/// The most appends in one statement. In a larger one an event costs the server no less, and who waits
/// for it waits longer.
const MOST: usize = 512;

/// The statements on their way at a time: one works while the other waits for the disk. With more of
/// them each has fewer appends, and costs the server nearly as much.
const LANES: usize = 2;

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// The entities in a statement that is on its way.
    busy: HashSet<Uuid>,
    /// The keys in such a statement: the second would fail it for all.
    keys: HashSet<String>,
    /// How far entities have come about which a statement told, for those who waited meanwhile.
    heads: HashMap<Uuid, i32>,
    lanes: usize,
    /// A lane is about to take what there is: two would take half each.
    gathering: bool,
}

/// An append, or several to one entity, on its way.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) convoy: Convoy,
    /// All of them as one.
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

    /// A lane to set going, unless all are or there is nothing to do.
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

    /// A panic elsewhere leaves the queue as it was between two statements of its owner.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One statement after the other. If it ends before its time, as with the runtime that it ran on,
/// those who wait are told so, and set another one going when they ask again.
#[derive(Debug)]
pub(crate) struct Lane {
    queue: Queue,
    gathers: bool,
    over: bool,
}

impl Lane {
    /// The next statement's appends.
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

    /// Whether there is more to do; if it took nothing, what is left waits for a statement that is on
    /// its way, and goes on after it.
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

/// What a statement on its way keeps from the others. They may have it when this is dropped, whatever
/// became of the statement.
#[derive(Debug)]
pub(crate) struct Seat {
    queue: Queue,
    first: Arc<Prepared>,
    again: Option<Vec<Job>>,
    head: Option<i32>,
}

impl Seat {
    /// The entity was at this sequence when the statement was over.
    pub(crate) fn is_at(&mut self, seq: i32) {
        self.head = Some(seq);
    }

    /// The statement is over; these go before those that came later.
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
    /// Whether whoever asks is to take what there is.
    fn gather(&mut self) -> bool {
        let gathers = !self.gathering && !self.jobs.is_empty();
        self.gathering |= gathers;
        gathers
    }

    /// The next statement's jobs, in order of arrival, those of one entity together.
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

    /// Takes the entity and the key, if both are to be had.
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
