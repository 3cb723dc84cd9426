//! Group commit: appends that arrive while a statement runs are written together by the next.
//!
//! Nobody waits when the database is idle. An entity is in one statement at a time, so appends to
//! it are stored in the order in which they came; those that wait for it go on as one convoy. A
//! statement never waits for a row that another transaction has locked: who asked for that row
//! waits for it alone.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join;
use tokio::sync::{Semaphore, oneshot};

use crate::store::contract::names::Names;
use crate::store::postgres::append::append_sql::{General, Locked};
use crate::store::postgres::append::convoy::Job;
use crate::store::postgres::append::judged::{Answer, Found, Returned, Stored, Verdict};
use crate::store::postgres::append::lean_batch_sql::{Batch, is_lean};
use crate::store::postgres::append::lean_sql::Lean;
use crate::store::postgres::append::prepared::Prepared;
use crate::store::postgres::append::queue::{Lane, Queue, Sent};
use crate::store::postgres::append::{judged, key_sql};
use crate::store::postgres::errors::{has_code, is_lost};
use crate::store::postgres::pool::Pool;

#[derive(Debug)]
pub(crate) struct Group {
    pool: Pool,
    lean: Lean,
    batch: Batch,
    taken: String,
    together: General,
    alone: General,
    /// Limit of the connections that wait for locked rows.
    waiting_alone: Semaphore,
    queue: Queue,
}

impl Group {
    pub(crate) fn new(pool: Pool, names: &Names) -> Self {
        let connections = pool.options().get_max_connections() as usize;
        Self {
            pool,
            lean: Lean::new(names),
            batch: Batch::new(names),
            taken: key_sql::taken(names),
            together: General::new(names, Locked::Skip),
            alone: General::new(names, Locked::Wait),
            waiting_alone: Semaphore::new((connections / 2).max(1)),
            queue: Queue::default(),
        }
    }

    /// Appends and returns the answer of the database. The append goes on if the caller stops
    /// waiting.
    pub(crate) async fn judge(self: &Arc<Self>, part: Arc<Prepared>) -> Answer {
        let (answer, judged) = oneshot::channel();
        self.queue.push(Job::new(part, answer));
        self.depart();
        judged
            .await
            .unwrap_or_else(|_| Err(Arc::new(sqlx::Error::WorkerCrashed)))
    }

    /// Starts a worker unless all are running, or the queue is empty.
    fn depart(self: &Arc<Self>) {
        if let Some(lane) = self.queue.lane() {
            tokio::spawn(Arc::clone(self).run_lane(lane));
        }
    }

    async fn run_lane(self: Arc<Self>, mut lane: Lane) {
        loop {
            // Whoever is ready to ask does so first, and comes along.
            tokio::task::yield_now().await;
            let sent = lane.take();
            let took = !sent.is_empty();
            if took {
                self.run(sent).await;
            }
            if !lane.goes_on(took) {
                return;
            }
        }
    }

    /// Runs one statement for appends of a single event, and one for the others beside it.
    async fn run(self: &Arc<Self>, sent: Vec<Sent>) {
        let (lean, others): (Vec<Sent>, Vec<Sent>) =
            sent.into_iter().partition(|sent| is_lean(&sent.part));
        let (left, ()) = join(self.run_lean(lean), self.run_general(others)).await;
        self.run_general(left).await;
    }

    /// Runs the cheaper statement for appends of a single event; returns those it could not store.
    async fn run_lean(&self, sent: Vec<Sent>) -> Vec<Sent> {
        let query = match sent.as_slice() {
            [] => return sent,
            [one] => self.lean.query(&one.part),
            many => self.batch.query(many),
        };
        let Some(query) = query else {
            return sent;
        };
        let rows = query.fetch_all(&self.pool).await;
        let mut entities = match rows.and_then(|rows| judged::by_entity(&rows)) {
            Ok(entities) => entities,
            // The general statement finds out who is to blame.
            Err(error) if is_of_a_row(&error) && sent.len() > 1 => return sent,
            Err(error) => {
                self.all_failed(sent, error);
                return Vec::new();
            }
        };
        let (mut left, mut refused) = (Vec::new(), Vec::new());
        for sent in sent {
            match entities.remove(&sent.part.entity_id) {
                Some(returned) if !returned.log_seqs.is_empty() => self.stored(sent, returned),
                Some(Returned { head, .. }) if !sent.convoy.is_legal(head.as_ref()) => {
                    refused.push((sent, head));
                }
                // A key was there.
                Some(_) if sent.part.key.is_some() => self.refused(sent, Verdict::Repeated),
                _ => left.push(sent),
            }
        }
        self.all_refused(refused).await;
        left
    }

    /// Runs the general statement.
    async fn run_general(self: &Arc<Self>, sent: Vec<Sent>) {
        if sent.is_empty() {
            return;
        }
        let parts: Vec<&Prepared> = sent.iter().map(AsRef::as_ref).collect();
        match self.send(&self.together, &parts).await {
            Ok(returned) => {
                let mut refused = Vec::new();
                for (sent, returned) in sent.into_iter().zip(returned) {
                    if returned.busy {
                        tokio::spawn(Arc::clone(self).run_alone(sent));
                    } else if returned.log_seqs.is_empty() {
                        refused.push((sent, returned.head));
                    } else {
                        self.stored(sent, returned);
                    }
                }
                self.all_refused(refused).await;
            }
            // One of them is to blame, and the others are not to suffer for it.
            Err(error) if sent.len() > 1 && is_of_a_row(&error) => {
                for sent in sent {
                    tokio::spawn(Arc::clone(self).run_alone(sent));
                }
            }
            Err(error) => self.all_failed(sent, error),
        }
    }

    /// Runs the general statement for one entity, waiting for its lock.
    async fn run_alone(self: Arc<Self>, sent: Sent) {
        let returned = {
            let _permit = self.waiting_alone.acquire().await;
            self.send(&self.alone, &[&sent.part]).await
        };
        let returned =
            returned.and_then(|all| all.into_iter().next().ok_or(sqlx::Error::RowNotFound));
        match returned {
            Ok(returned) if returned.log_seqs.is_empty() => {
                self.all_refused(vec![(sent, returned.head)]).await;
            }
            Ok(returned) => self.stored(sent, returned),
            Err(error) => self.failed(sent, Arc::new(error)),
        }
        self.depart();
    }

    async fn send(
        &self,
        statement: &General,
        parts: &[&Prepared],
    ) -> Result<Vec<Returned>, sqlx::Error> {
        judged::returned(statement.query(parts).fetch_all(&self.pool).await?)
    }

    /// Answers refused appends with the heads that were found, after looking up their keys.
    ///
    /// An existing key answers first: its events may be the reason for the refusal.
    async fn all_refused(&self, refused: Vec<(Sent, Option<Found>)>) {
        let mut keyed = Vec::new();
        for (sent, head) in refused {
            match sent.part.key.clone() {
                None => self.refused(sent, Verdict::Refused(head)),
                Some(key) => keyed.push((sent, head, key)),
            }
        }
        let Some((_, _, first)) = keyed.first() else {
            return;
        };
        let keys = keyed.iter().map(|(_, _, key)| key.key.clone()).collect();
        let query = key_sql::query_taken(&self.taken, first, keys);
        match query.fetch_all(&self.pool).await {
            Ok(taken) => {
                let taken: HashSet<String> = taken.into_iter().collect();
                for (sent, head, key) in keyed {
                    let verdict = match taken.contains(&key.key) {
                        true => Verdict::Repeated,
                        false => Verdict::Refused(head),
                    };
                    self.refused(sent, verdict);
                }
            }
            Err(error) => {
                let sent = keyed.into_iter().map(|(sent, _, _)| sent);
                self.all_failed(sent.collect(), error);
            }
        }
    }

    /// Answers each append of a batch that was stored.
    fn stored(&self, sent: Sent, returned: Returned) {
        let Returned {
            head,
            course,
            log_seqs,
            ..
        } = returned;
        let Sent {
            convoy,
            part,
            mut seat,
        } = sent;
        let found = head.map_or(0, |head| head.seq);
        seat.is_at(found.saturating_add(i32::try_from(log_seqs.len()).unwrap_or(i32::MAX)));
        seat.leave(Vec::new());
        let log_seqs: Arc<[i64]> = log_seqs.into();
        for (job, steps) in convoy.into_jobs(log_seqs.len()) {
            job.tell(Ok(Verdict::Stored(Stored {
                head,
                course,
                log_seqs: Arc::clone(&log_seqs),
                part: Arc::clone(&part),
                steps,
            })));
        }
    }

    /// Answers the append by which a batch was refused, and queues the others again.
    fn refused(&self, sent: Sent, verdict: Verdict) {
        let Sent {
            convoy, mut seat, ..
        } = sent;
        let head = match &verdict {
            Verdict::Refused(head) => head.as_ref(),
            _ => None,
        };
        if let Some(head) = head {
            seat.is_at(head.seq);
        }
        let broken = convoy.broken(head);
        seat.leave(broken.again);
        if let Some(job) = broken.refused {
            job.tell(Ok(verdict));
        }
    }

    fn all_failed(&self, all: Vec<Sent>, error: sqlx::Error) {
        let error = Arc::new(error);
        for sent in all {
            self.failed(sent, Arc::clone(&error));
        }
    }

    /// Answers the appends of a statement that failed; queues several again one by one, to find the
    /// one that fails.
    fn failed(&self, sent: Sent, error: Arc<sqlx::Error>) {
        let Sent { convoy, seat, .. } = sent;
        if convoy.jobs.len() > 1 && is_of_a_row(&error) && !is_of_a_lock(&error) {
            return seat.leave(convoy.one_by_one());
        }
        seat.leave(Vec::new());
        for job in convoy.jobs {
            job.tell(Err(Arc::clone(&error)));
        }
    }
}

/// Checks whether the error is of a row, and not of the connection.
fn is_of_a_row(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some() && !is_lost(error)
}

/// Checks whether the statement timed out, as each append of it would again.
fn is_of_a_lock(error: &sqlx::Error) -> bool {
    has_code(error, &["55P03", "57014"])
}
