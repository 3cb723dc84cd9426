//! Queue of requests that wait for a call: few calls are in flight, and an entity and an idempotency
//! key are in at most one of them.

use std::collections::{HashSet, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::attempt::CallError;

/// Most events in one call, unless the first request has more; more would not be cheaper for the
/// server, and take longer.
const MAX_EVENTS: usize = 512;

/// Most calls in flight: one runs while the other waits for the disk. With more of them each has
/// fewer requests, and costs the server nearly as much.
const LANES: usize = 2;

/// Most calls in flight while hardly any requests gather: a few callers, each with a request of its
/// own, wait less if none waits for another.
const LANES_ALONE: usize = 4;

/// Most requests of the last call that gathered for which the next ones are sent by their callers.
const FEW: usize = 2;

/// Answer to a request, or the error of its call.
pub(crate) type Reply = Result<Answer, CallError>;

/// Request with the channel of its reply.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) arguments: Arc<Arguments>,
    /// When it was asked for.
    pub(crate) since: Instant,
    pub(crate) reply: oneshot::Sender<Reply>,
}

impl Job {
    /// Sends the reply, unless the caller has stopped waiting.
    pub(crate) fn tell(self, reply: Reply) {
        let _ = self.reply.send(reply);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    claims: Claims,
    lanes: usize,
    /// Whether a lane is about to take the queue, which two would split.
    gathering: bool,
    /// Number of requests that the last lane took.
    gathered: usize,
}

/// Entities and idempotency keys of calls in flight.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    entity_ids: HashSet<Uuid>,
    /// Idempotency keys by actor, of which one may have the key of another.
    keys: HashSet<(String, String)>,
}

impl Claims {
    /// Checks whether a request needs one of them.
    pub(crate) fn meet(&self, arguments: &Arguments) -> bool {
        let mut entity_ids = arguments.entity_ids.iter().flatten();
        entity_ids.any(|id| self.entity_ids.contains(id))
            || claim(arguments).is_some_and(|key| self.keys.contains(&key))
    }

    /// Adds those of a request.
    pub(crate) fn add(&mut self, arguments: &Arguments) {
        self.entity_ids
            .extend(arguments.entity_ids.iter().flatten());
        self.keys.extend(claim(arguments));
    }

    fn remove(&mut self, others: &Self) {
        for entity_id in &others.entity_ids {
            self.entity_ids.remove(entity_id);
        }
        for key in &others.keys {
            self.keys.remove(key);
        }
    }

    fn extend(&mut self, others: &Self) {
        self.entity_ids.extend(&others.entity_ids);
        self.keys.extend(others.keys.iter().cloned());
    }

    /// Leaves out what others have taken over.
    pub(crate) fn without(mut self, others: &Self) -> Self {
        self.remove(others);
        self
    }
}

/// Returns the actor and the idempotency key of a request.
fn claim(arguments: &Arguments) -> Option<(String, String)> {
    let of = arguments.key()?;
    Some((of.actor.to_owned(), of.key.to_owned()))
}

impl Queue {
    pub(crate) fn push(&self, job: Job) {
        self.waiting().jobs.push_back(job);
    }

    /// Queues requests again, before later ones.
    pub(crate) fn push_front(&self, jobs: Vec<Job>) {
        let mut waiting = self.waiting();
        for job in jobs.into_iter().rev() {
            waiting.jobs.push_front(job);
        }
    }

    /// Takes a lane for a call of this request alone, unless anything is in its way.
    pub(crate) fn board(&self, arguments: &Arguments) -> Option<Claims> {
        let mut waiting = self.waiting();
        let lanes = match waiting.gathered <= FEW {
            true => LANES_ALONE,
            false => LANES,
        };
        let is_free =
            waiting.lanes < lanes && waiting.jobs.is_empty() && !waiting.claims.meet(arguments);
        is_free.then(|| {
            waiting.lanes += 1;
            let mut claims = Claims::default();
            claims.add(arguments);
            waiting.claims.extend(&claims);
            claims
        })
    }

    /// Takes a lane to gather the queue, unless all are taken or the queue is empty.
    pub(crate) fn lane(&self) -> bool {
        let mut waiting = self.waiting();
        let starts = waiting.lanes < LANES && waiting.gather();
        waiting.lanes += usize::from(starts);
        starts
    }

    /// Takes the requests of the next call; none, and the lane is given back, if all of them wait for
    /// calls in flight. At once: who queues a request then finds the lane taken, or the lane free.
    pub(crate) fn take(&self) -> (Vec<Job>, Claims) {
        let mut waiting = self.waiting();
        let taken = waiting.take();
        waiting.lanes -= usize::from(taken.0.is_empty());
        taken
    }

    /// Checks whether a lane that has ended its call is to gather the queue again; if not, it is
    /// given back at once.
    pub(crate) fn goes_on(&self) -> bool {
        let mut waiting = self.waiting();
        let goes_on = waiting.gather();
        waiting.lanes -= usize::from(!goes_on);
        goes_on
    }

    /// Gives a lane back; `gathers`: whether it was about to take the queue.
    pub(crate) fn leave_lane(&self, gathers: bool) {
        let mut waiting = self.waiting();
        waiting.lanes -= 1;
        if gathers {
            waiting.gathering = false;
        }
    }

    /// Gives entities and keys back.
    pub(crate) fn release(&self, claims: &Claims) {
        self.waiting().claims.remove(claims);
    }

    /// Drops all requests, whose callers then try again.
    pub(crate) fn abandon(&self) {
        let jobs = mem::take(&mut self.waiting().jobs);
        drop(jobs);
    }

    /// Locks the queue, which a panic elsewhere leaves consistent.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Checks whether the caller is to take the queue.
    fn gather(&mut self) -> bool {
        let gathers = !self.gathering && !self.jobs.is_empty();
        self.gathering |= gathers;
        gathers
    }

    /// Takes the requests of the next call, in the order of arrival.
    ///
    /// Requests with an idempotency key and those without are in different calls: a call waits for a key
    /// that somebody is storing, and with it all of its requests.
    fn take(&mut self) -> (Vec<Job>, Claims) {
        self.gathering = false;
        let mut taken = Vec::new();
        let mut claims = Claims::default();
        // What requests that have to wait need, so that none overtakes them.
        let mut held = Claims::default();
        let mut left = VecDeque::new();
        let mut events = 0;
        while let Some(job) = self.jobs.pop_front() {
            // Nobody waits for it any more, and it was not sent: nor will it be.
            if job.reply.is_closed() {
                continue;
            }
            let arguments = &job.arguments;
            let is_full = events > 0 && events + arguments.events.len() > MAX_EVENTS;
            let key = claim(arguments);
            let is_other_kind = taken.first().is_some_and(|first: &Job| {
                first.arguments.idempotency_key().is_some() != key.is_some()
            });
            if is_full
                || is_other_kind
                || self.claims.meet(arguments)
                || held.meet(arguments)
                || key.is_some_and(|key| claims.keys.contains(&key))
            {
                held.add(arguments);
                left.push_back(job);
                continue;
            }
            events += arguments.events.len();
            claims.add(arguments);
            taken.push(job);
        }
        self.claims.extend(&claims);
        self.jobs = left;
        self.gathered = taken.len();
        (taken, claims)
    }
}
