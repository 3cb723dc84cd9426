//! Group commit: requests that arrive while a call is in flight are sent together by the next, in
//! order.
//!
//! Nobody waits when the database is idle: a request that is alone is sent at once. A call never waits
//! for a head that another transaction has locked: the request that needs it waits alone. Calls are
//! tasks of their own: a caller that stops polling its append holds up no other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::store::postgres::append::accompanied::Sender;
use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::attempt::CallError;
use crate::store::postgres::append::queue::{Claims, Job, Queue, Reply};
use crate::store::postgres::errors::{has_code, is_lost};

#[derive(Debug)]
pub(crate) struct Group {
    sender: Sender,
    /// Limit of the connections that wait for locked heads.
    waiting_alone: Semaphore,
    /// Longest wait for a locked head, and before that for a connection to wait on.
    lock_timeout: Duration,
    queue: Queue,
}

impl Group {
    pub(crate) fn new(sender: Sender, lock_timeout: Duration) -> Self {
        let connections = sender.pool.options().get_max_connections() as usize;
        Self {
            sender,
            waiting_alone: Semaphore::new((connections / 2).max(1)),
            lock_timeout,
            queue: Queue::default(),
        }
    }

    /// Returns the limit of the connections that wait for locked heads.
    pub(crate) fn waiting_alone(&self) -> &Semaphore {
        &self.waiting_alone
    }

    /// Appends a request. A call that was sent goes on if the caller stops waiting.
    pub(crate) async fn append(self: &Arc<Self>, arguments: &Arc<Arguments>) -> Reply {
        if arguments.only_event().is_some()
            && let Some(claims) = self.queue.board(arguments)
        {
            let (seat, lane) = (Seat::new(self, claims), Lane::new(self));
            let sent = tokio::spawn(Arc::clone(self).send(Arc::clone(arguments), seat, lane));
            return sent.await.unwrap_or_else(|_| Err(crashed()));
        }
        let (reply, replied) = oneshot::channel();
        self.queue.push(Job {
            arguments: Arc::clone(arguments),
            since: Instant::now(),
            reply,
        });
        self.depart();
        replied.await.unwrap_or_else(|_| Err(crashed()))
    }

    /// Appends a request of a single event that nothing is in the way of.
    async fn send(self: Arc<Self>, arguments: Arc<Arguments>, seat: Seat, lane: Lane) -> Reply {
        let since = Instant::now();
        let answer = self.sender.one(&arguments).await;
        drop(lane);
        match answer {
            Ok(answer @ (Answer::Busy | Answer::AutoFollows)) => {
                // Requests may have waited for the lane.
                self.depart();
                let is_locked = matches!(answer, Answer::Busy);
                self.alone(&arguments, since, seat, is_locked).await
            }
            answer => answer,
        }
    }

    /// Appends one request by a call of its own, which waits for locked heads; `is_locked`: whether
    /// one is known to be. Only those who wait for one wait for each other.
    ///
    /// Who has waited for the lock timeout since it was asked, behind others of its entity or for a
    /// connection, does not begin to wait for a lock.
    async fn alone(
        &self,
        arguments: &Arguments,
        since: Instant,
        seat: Seat,
        is_locked: bool,
    ) -> Reply {
        if !is_locked {
            let reply = self.sender.alone(arguments, false).await;
            if !matches!(reply, Ok(Answer::Busy)) {
                return reply;
            }
        }
        let left = self.lock_timeout.saturating_sub(since.elapsed());
        let permit = timeout(left, self.waiting_alone.acquire()).await;
        if left.is_zero() || permit.is_err() {
            return Err(sqlx::Error::PoolTimedOut.into());
        }
        let reply = self.sender.alone(arguments, true).await;
        drop(seat);
        reply
    }

    /// Starts a lane unless all are taken, or the queue is empty.
    fn depart(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else {
            // The runtime of the last caller ends: the others begin again in theirs.
            return self.queue.abandon();
        };
        if self.queue.lane() {
            let mut lane = Lane::new(self);
            lane.gathers = true;
            runtime.spawn(run_lane(lane));
        }
    }

    /// Sends the requests by one call, and answers each.
    async fn run(self: &Arc<Self>, jobs: Vec<Job>, claims: Claims) {
        let mut seat = Seat::new(self, claims);
        let answers = match jobs.as_slice() {
            [job] if job.arguments.only_event().is_some() => {
                let answer = self.sender.one(&job.arguments).await;
                answer.map(|answer| vec![answer])
            }
            jobs => {
                let requests = jobs.iter().map(|job| &*job.arguments);
                self.sender.gathered(requests).await
            }
        };
        match answers {
            Ok(answers) => {
                let (mut told, mut others) = (Vec::new(), Vec::new());
                for (job, answer) in jobs.into_iter().zip(answers) {
                    match answer {
                        Answer::Busy => others.push((job, true)),
                        Answer::AutoFollows => others.push((job, false)),
                        answer => told.push((job, answer)),
                    }
                }
                if !others.is_empty() {
                    self.one_by_one(&mut seat, others);
                }
                drop(seat);
                for (job, answer) in told {
                    job.tell(Ok(answer));
                }
            }
            // One of them is to blame, and the others are not to suffer for it.
            Err(CallError::Database(error)) if jobs.len() > 1 && is_of_a_row(&error) => {
                let jobs = jobs.into_iter().map(|job| (job, true));
                self.one_by_one(&mut seat, jobs.collect());
            }
            Err(CallError::Companion(_) | CallError::Row(_)) if jobs.len() > 1 => {
                let jobs = jobs.into_iter().map(|job| (job, false));
                self.one_by_one(&mut seat, jobs.collect());
            }
            Err(CallError::Database(error)) => {
                drop(seat);
                for job in jobs {
                    job.tell(Err(CallError::Database(Arc::clone(&error))));
                }
            }
            Err(error) => {
                drop(seat);
                if let Some(job) = jobs.into_iter().next() {
                    job.tell(Err(error));
                }
            }
        }
    }

    /// Sends each request by a call of its own; one that shares an entity or a key with an earlier
    /// one is queued again, and so is one that shares it with those. Each is with whether a head that it needs may be locked.
    fn one_by_one(self: &Arc<Self>, seat: &mut Seat, jobs: Vec<(Job, bool)>) {
        let mut taken = Claims::default();
        // What requests that are queued again need, so that none overtakes them.
        let mut held = Claims::default();
        let mut again = Vec::new();
        for (job, is_locked) in jobs {
            if taken.meet(&job.arguments) || held.meet(&job.arguments) {
                held.add(&job.arguments);
                again.push(job);
                continue;
            }
            taken.add(&job.arguments);
            let mut claims = Claims::default();
            claims.add(&job.arguments);
            let own = Seat::new(self, claims);
            let group = Arc::clone(self);
            tokio::spawn(async move {
                let reply = group.alone(&job.arguments, job.since, own, is_locked).await;
                job.tell(reply);
            });
        }
        seat.claims = std::mem::take(&mut seat.claims).without(&taken);
        self.queue.push_front(again);
    }
}

/// Sends what has gathered, call by call, until nothing is left.
async fn run_lane(mut lane: Lane) {
    let group = Arc::clone(&lane.group);
    loop {
        // Whoever is ready to ask does so first, and comes along.
        tokio::task::yield_now().await;
        let (jobs, claims) = group.queue.take();
        lane.gathers = false;
        if jobs.is_empty() {
            return lane.end();
        }
        group.run(jobs, claims).await;
        if !group.queue.goes_on() {
            return lane.end();
        }
        lane.gathers = true;
    }
}

/// Lane that a call or a gathering has taken; dropping it gives it back.
struct Lane {
    group: Arc<Group>,
    /// Whether it is about to take the queue.
    gathers: bool,
    /// Whether the queue has it back already.
    is_back: bool,
}

impl Lane {
    fn new(group: &Arc<Group>) -> Self {
        Self {
            group: Arc::clone(group),
            gathers: false,
            is_back: false,
        }
    }

    /// Ends a lane that the queue has taken back.
    fn end(mut self) {
        self.is_back = true;
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.is_back {
            return;
        }
        self.group.queue.leave_lane(self.gathers);
        if self.gathers {
            // It ends with its runtime, before it has taken the queue.
            self.group.queue.abandon();
        }
    }
}

/// Entities and keys of a call in flight; dropping it releases them, whatever the outcome was.
struct Seat {
    group: Arc<Group>,
    claims: Claims,
}

impl Seat {
    fn new(group: &Arc<Group>, claims: Claims) -> Self {
        Self {
            group: Arc::clone(group),
            claims,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.group.queue.release(&self.claims);
        // Requests may have waited for it, or for its lane.
        self.group.depart();
    }
}

/// Creates the error of a call whose task has ended without an answer.
fn crashed() -> CallError {
    sqlx::Error::WorkerCrashed.into()
}

/// Checks whether the error is of a row, and neither of the connection nor of a timeout, which each
/// request would meet again.
fn is_of_a_row(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some() && !is_lost(error) && !has_code(error, &["55P03", "57014"])
}
