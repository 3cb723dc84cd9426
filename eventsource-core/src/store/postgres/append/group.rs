//! Group commit: appends that arrive while a statement is on its way travel together in the next.
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
    /// Those who wait for a locked row leave connections to the others.
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

    /// What the database says to this append. Once it was sent, it goes on if nobody waits for the
    /// answer any more.
    pub(crate) async fn judge(self: &Arc<Self>, part: Arc<Prepared>) -> Answer {
        let (answer, judged) = oneshot::channel();
        self.queue.push(Job::new(part, answer));
        self.depart();
        judged
            .await
            .unwrap_or_else(|_| Err(Arc::new(sqlx::Error::WorkerCrashed)))
    }

    /// Sets a lane going unless all are, or there is nothing to do.
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

    /// One statement for those of the kind that is most of all, one for the others beside it.
    async fn run(self: &Arc<Self>, sent: Vec<Sent>) {
        let (lean, others): (Vec<Sent>, Vec<Sent>) =
            sent.into_iter().partition(|sent| is_lean(&sent.part));
        let (left, ()) = join(self.run_lean(lean), self.run_general(others)).await;
        self.run_general(left).await;
    }

    /// Appends of one event each, by a statement that costs less; of what is left nothing was stored.
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

    /// The statement that can do anything.
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

    /// Waits for the row if need be.
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

    /// These are the heads under which nothing was stored. But what was stored with a key answers
    /// first, and may be why the head is as it is; so keys are looked up after it.
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

    /// Tells each append of a convoy what became of it.
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

    /// Nothing was stored: tells the one that is to blame, and sends the others again.
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

    /// What one of several is to blame for is told to that one: they are sent again one by one.
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

/// Not of the connection, which is the same for all of them.
fn is_of_a_row(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some() && !is_lost(error)
}

/// They waited in vain for a lock, or long enough: each of them would again.
fn is_of_a_lock(error: &sqlx::Error) -> bool {
    has_code(error, &["55P03", "57014"])
}
