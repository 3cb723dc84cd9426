//! Group commit: requests that arrive while a call is in flight are sent together by the next, in
//! order.
//!
//! Nobody waits when the database is idle: a request that is alone is sent by its caller. A call
//! never waits for a head that another transaction has locked: the request that needs it waits alone.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::names::Names;
use crate::store::postgres::append::answer::Answer;
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::append::calls::Calls;
use crate::store::postgres::append::queue::{Claims, Job, Queue, Reply};
use crate::store::postgres::errors::{has_code, is_lost};
use crate::store::postgres::pool::Pool;

#[derive(Debug)]
pub(crate) struct Group {
    pool: Pool,
    calls: Calls,
    /// Limit of the connections that wait for locked heads.
    waiting_alone: Semaphore,
    queue: Queue,
}

impl Group {
    pub(crate) fn new(pool: Pool, names: &Names, codes: &EventTypeCodes) -> Self {
        let connections = pool.options().get_max_connections() as usize;
        Self {
            pool,
            calls: Calls::new(names, codes),
            waiting_alone: Semaphore::new((connections / 2).max(1)),
            queue: Queue::default(),
        }
    }

    /// Appends a request. A call that was sent goes on if the caller stops waiting.
    pub(crate) async fn append(self: &Arc<Self>, arguments: &Arc<Arguments>) -> Reply {
        if arguments.only_event().is_some()
            && let Some(claims) = self.queue.board(arguments)
        {
            let seat = Seat::new(self, claims);
            let lane = Lane::new(self);
            let answer = self.calls.one(&self.pool, arguments).await;
            drop(lane);
            if !matches!(answer, Ok(Answer::Busy | Answer::AutoFollows)) {
                return answer.map_err(Arc::new);
            }
            return self.alone(arguments, seat).await;
        }
        let (reply, replied) = oneshot::channel();
        self.queue.push(Job {
            arguments: Arc::clone(arguments),
            reply,
        });
        self.depart();
        replied
            .await
            .unwrap_or_else(|_| Err(Arc::new(sqlx::Error::WorkerCrashed)))
    }

    /// Appends one request by a call of its own, which waits for locked heads.
    async fn alone(&self, arguments: &Arguments, seat: Seat) -> Reply {
        let _permit = self.waiting_alone.acquire().await;
        let answers = self
            .calls
            .batch(&self.pool, [arguments].into_iter(), true)
            .await;
        drop(seat);
        let answer = answers.map(|answers| answers.into_iter().next());
        match answer {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(Arc::new(sqlx::Error::RowNotFound)),
            Err(error) => Err(Arc::new(error)),
        }
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
                let answer = self.calls.one(&self.pool, &job.arguments).await;
                answer.map(|answer| vec![answer])
            }
            jobs => {
                let requests = jobs.iter().map(|job| &*job.arguments);
                self.calls.gathered(&self.pool, requests).await
            }
        };
        match answers {
            Ok(answers) => {
                let (mut told, mut others) = (Vec::new(), Vec::new());
                for (job, answer) in jobs.into_iter().zip(answers) {
                    match answer {
                        Answer::Busy | Answer::AutoFollows => others.push(job),
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
            Err(error) if jobs.len() > 1 && is_of_a_row(&error) => {
                self.one_by_one(&mut seat, jobs);
            }
            Err(error) => {
                let error = Arc::new(error);
                drop(seat);
                for job in jobs {
                    job.tell(Err(Arc::clone(&error)));
                }
            }
        }
    }

    /// Sends each request by a call of its own; one that shares an entity or a key with an earlier
    /// one is queued again.
    fn one_by_one(self: &Arc<Self>, seat: &mut Seat, jobs: Vec<Job>) {
        let mut taken = Claims::default();
        let mut again = Vec::new();
        for job in jobs {
            if taken.meet(&job.arguments) {
                again.push(job);
                continue;
            }
            taken.add(&job.arguments);
            let mut claims = Claims::default();
            claims.add(&job.arguments);
            let own = Seat::new(self, claims);
            let group = Arc::clone(self);
            tokio::spawn(async move {
                let reply = group.alone(&job.arguments, own).await;
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
            return;
        }
        group.run(jobs, claims).await;
        if !group.queue.goes_on() {
            return;
        }
        lane.gathers = true;
    }
}

/// Lane that a call or a gathering has taken; dropping it gives it back.
struct Lane {
    group: Arc<Group>,
    /// Whether it is about to take the queue.
    gathers: bool,
}

impl Lane {
    fn new(group: &Arc<Group>) -> Self {
        Self {
            group: Arc::clone(group),
            gathers: false,
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
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

/// Checks whether the error is of a row, and neither of the connection nor of a timeout, which each
/// request would meet again.
fn is_of_a_row(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some() && !is_lost(error) && !has_code(error, &["55P03", "57014"])
}
