//! Group commit: appends that arrive while a statement is on its way travel together in the next.
//!
//! Nobody waits when the database is idle. An entity is in one statement at a time, so appends to
//! it are stored in the order in which they came. A statement never waits for a row that another
//! transaction has locked: who asked for that row waits for it alone.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::append_sql::{self, Locked};
use super::errors::is_lost;
use super::pool::Pool;
use super::prepared::Prepared;
use crate::store::names::Names;

/// The most appends in one statement.
const MOST: usize = 512;

/// The statements on their way at a time.
const LANES: usize = 2;

/// What became of one append.
pub(super) type Answer = Result<Judged, Arc<sqlx::Error>>;

/// What the statement returns of one part.
#[derive(Debug)]
pub(super) struct Judged {
    /// The head that was found, and the course that was taken.
    pub(super) row: PgRow,
    /// The clocks of the events, in order; none if the part was refused.
    pub(super) clocks: Vec<i64>,
}

/// One of each part, in order.
fn judged(rows: Vec<PgRow>) -> Result<Vec<Judged>, sqlx::Error> {
    let mut judged: BTreeMap<i64, Judged> = BTreeMap::new();
    let mut numbers: HashMap<Uuid, i64> = HashMap::new();
    let mut stored = Vec::new();
    for row in rows {
        let id: Uuid = row.try_get("id")?;
        match row.try_get::<Option<i64>, _>("number")? {
            Some(number) => {
                numbers.insert(id, number);
                let clocks = Vec::new();
                judged.insert(number, Judged { row, clocks });
            }
            None => stored.push((id, row.try_get("clock")?)),
        }
    }
    // They were inserted in the order of each stream, and the clock counts insertions.
    stored.sort_unstable_by_key(|(_, clock)| *clock);
    for (id, clock) in stored {
        let part = numbers.get(&id).and_then(|number| judged.get_mut(number));
        if let Some(part) = part {
            part.clocks.push(clock);
        }
    }
    Ok(judged.into_values().collect())
}

#[derive(Debug)]
pub(super) struct Group {
    pool: Pool,
    together: String,
    alone: String,
    /// Those who wait for a locked row leave connections to the others.
    waiting_alone: Semaphore,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// The entities in a statement that is on its way.
    busy: HashSet<Uuid>,
    lanes: usize,
}

#[derive(Debug)]
struct Job {
    part: Arc<Prepared>,
    answer: oneshot::Sender<Answer>,
}

impl Group {
    pub(super) fn new(pool: Pool, names: &Names) -> Self {
        let connections = pool.options().get_max_connections() as usize;
        Self {
            pool,
            together: append_sql::statement(names, Locked::Skip),
            alone: append_sql::statement(names, Locked::Wait),
            waiting_alone: Semaphore::new((connections / 2).max(1)),
            queue: Mutex::default(),
        }
    }

    /// What the database says to this append. It goes on if nobody waits for the answer any more.
    pub(super) async fn judge(self: &Arc<Self>, part: Arc<Prepared>) -> Answer {
        let (answer, judged) = oneshot::channel();
        self.queue().jobs.push_back(Job { part, answer });
        self.depart();
        judged
            .await
            .unwrap_or_else(|_| Err(Arc::new(sqlx::Error::WorkerCrashed)))
    }

    /// Sets a lane going unless all are, or nothing can go.
    fn depart(self: &Arc<Self>) {
        let mut queue = self.queue();
        if queue.lanes == LANES {
            return;
        }
        let jobs = queue.take();
        if jobs.is_empty() {
            return;
        }
        queue.lanes += 1;
        drop(queue);
        tokio::spawn(Arc::clone(self).lane(jobs));
    }

    async fn lane(self: Arc<Self>, mut jobs: Vec<Job>) {
        while !jobs.is_empty() {
            self.run(jobs).await;
            let mut queue = self.queue();
            jobs = queue.take();
            if jobs.is_empty() {
                queue.lanes -= 1;
            }
        }
    }

    /// One statement for all.
    async fn run(self: &Arc<Self>, jobs: Vec<Job>) {
        let parts: Vec<&Prepared> = jobs.iter().map(|job| &*job.part).collect();
        match self.send(&self.together, &parts).await {
            Ok(judged) => {
                for (job, judged) in jobs.into_iter().zip(judged) {
                    if judged.row.try_get("busy").unwrap_or(false) {
                        tokio::spawn(Arc::clone(self).run_alone(job));
                    } else {
                        self.answer(job, Ok(judged));
                    }
                }
            }
            // One of them is to blame, and the others are not to suffer for it.
            Err(error)
                if jobs.len() > 1 && error.as_database_error().is_some() && !is_lost(&error) =>
            {
                for job in jobs {
                    tokio::spawn(Arc::clone(self).run_alone(job));
                }
            }
            // It is the connection, or there is none: the same for all of them.
            Err(error) => {
                let error = Arc::new(error);
                for job in jobs {
                    self.answer(job, Err(Arc::clone(&error)));
                }
            }
        }
    }

    async fn run_alone(self: Arc<Self>, job: Job) {
        let judged = {
            let _permit = self.waiting_alone.acquire().await;
            self.send(&self.alone, &[&job.part]).await
        };
        let judged =
            judged.and_then(|judged| judged.into_iter().next().ok_or(sqlx::Error::RowNotFound));
        self.answer(job, judged.map_err(Arc::new));
        self.depart();
    }

    async fn send(&self, sql: &str, parts: &[&Prepared]) -> Result<Vec<Judged>, sqlx::Error> {
        let rows = append_sql::query(sql, parts).fetch_all(&self.pool).await?;
        judged(rows)
    }

    fn answer(&self, job: Job, judged: Answer) {
        self.queue().busy.remove(&job.part.entity_id);
        // Whoever asked may have gone.
        let _ = job.answer.send(judged);
    }

    /// A panic elsewhere leaves the queue as it was between two statements of its owner.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The next statement's jobs: in order of arrival, no entity twice.
    fn take(&mut self) -> Vec<Job> {
        let mut taken = Vec::new();
        let mut left = VecDeque::new();
        while let Some(job) = self.jobs.pop_front() {
            if taken.len() < MOST && self.busy.insert(job.part.entity_id) {
                taken.push(job);
            } else {
                left.push_back(job);
            }
        }
        self.jobs = left;
        taken
    }
}
