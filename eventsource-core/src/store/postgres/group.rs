//! Group commit: appends that arrive while a statement is on its way travel together in the next.
//!
//! Nobody waits when the database is idle. An entity is in one statement at a time, so appends to
//! it are stored in the order in which they came; those that wait for it go on as one convoy. A
//! statement never waits for a row that another transaction has locked: who asked for that row
//! waits for it alone.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::append_sql::{General, Locked};
use super::convoy::{Convoy, Job};
use super::errors::{has_code, is_lost};
use super::lean_batch_sql;
use super::lean_sql::Lean;
use super::pool::Pool;
use super::prepared::Prepared;
use crate::store::names::Names;

/// The most appends in one statement.
const MOST: usize = 512;

/// The statements on their way at a time.
const LANES: usize = 2;

/// What became of one append.
pub(super) type Answer = Result<Judged, Arc<sqlx::Error>>;

/// What the statement returned of the part in which an append travelled.
#[derive(Debug)]
pub(super) struct Judged {
    /// The head that was found, and the course that was taken.
    pub(super) row: Arc<PgRow>,
    /// The clocks of the part's events, in order; none if it was refused.
    pub(super) clocks: Arc<[i64]>,
    pub(super) part: Arc<Prepared>,
    /// Which of them are of this append.
    pub(super) steps: Range<usize>,
}

/// What the statement returned of one part.
#[derive(Debug)]
struct Returned {
    row: PgRow,
    clocks: Vec<i64>,
}

/// One of each part, in order.
fn returned(rows: Vec<PgRow>) -> Result<Vec<Returned>, sqlx::Error> {
    let mut parts: BTreeMap<i64, Returned> = BTreeMap::new();
    let mut numbers: HashMap<Uuid, i64> = HashMap::new();
    let mut stored = Vec::new();
    for row in rows {
        let id: Uuid = row.try_get("id")?;
        match row.try_get::<Option<i64>, _>("number")? {
            Some(number) => {
                numbers.insert(id, number);
                let clocks = Vec::new();
                parts.insert(number, Returned { row, clocks });
            }
            None => stored.push((id, row.try_get("clock")?)),
        }
    }
    // They were inserted in the order of each stream, and the clock counts insertions.
    stored.sort_unstable_by_key(|(_, clock)| *clock);
    for (id, clock) in stored {
        let part = numbers.get(&id).and_then(|number| parts.get_mut(number));
        if let Some(part) = part {
            part.clocks.push(clock);
        }
    }
    Ok(parts.into_values().collect())
}

/// Each entity's one event.
fn stored(rows: Vec<PgRow>) -> Result<HashMap<Uuid, Returned>, sqlx::Error> {
    let of_one = |row: PgRow| {
        let (id, clocks) = (row.try_get("id")?, vec![row.try_get("clock")?]);
        Ok((id, Returned { row, clocks }))
    };
    rows.into_iter().map(of_one).collect()
}

#[derive(Debug)]
pub(super) struct Group {
    pool: Pool,
    lean: Lean,
    lean_batch: String,
    together: General,
    alone: General,
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
    /// A lane is about to take what there is: two would take half each.
    gathering: bool,
}

impl Group {
    pub(super) fn new(pool: Pool, names: &Names) -> Self {
        let connections = pool.options().get_max_connections() as usize;
        Self {
            pool,
            lean: Lean::new(names),
            lean_batch: lean_batch_sql::statement(names),
            together: General::new(names, Locked::Skip),
            alone: General::new(names, Locked::Wait),
            waiting_alone: Semaphore::new((connections / 2).max(1)),
            queue: Mutex::default(),
        }
    }

    /// What the database says to this append. Once it was sent, it goes on if nobody waits for the
    /// answer any more.
    pub(super) async fn judge(self: &Arc<Self>, part: Arc<Prepared>) -> Answer {
        let (answer, judged) = oneshot::channel();
        self.queue().jobs.push_back(Job::new(part, answer));
        self.depart();
        judged
            .await
            .unwrap_or_else(|_| Err(Arc::new(sqlx::Error::WorkerCrashed)))
    }

    /// Sets a lane going unless all are, or there is nothing to do.
    fn depart(self: &Arc<Self>) {
        let mut queue = self.queue();
        if queue.lanes < LANES && queue.gather() {
            queue.lanes += 1;
            drop(queue);
            tokio::spawn(Arc::clone(self).lane());
        }
    }

    async fn lane(self: Arc<Self>) {
        loop {
            // Whoever is ready to ask does so first, and comes along.
            tokio::task::yield_now().await;
            let convoys = self.queue().take();
            let nothing = convoys.is_empty();
            if !nothing {
                self.run(convoys).await;
            }
            let mut queue = self.queue();
            // What is left waits for a statement that is on its way, and goes on after it.
            if nothing || !queue.gather() {
                queue.lanes -= 1;
                return;
            }
        }
    }

    /// One statement for all.
    async fn run(self: &Arc<Self>, convoys: Vec<Convoy>) {
        let left = self.run_lean(convoys).await;
        if left.is_empty() {
            return;
        }
        let (convoys, parts): (Vec<Convoy>, Vec<Arc<Prepared>>) = left.into_iter().unzip();
        let asked: Vec<&Prepared> = parts.iter().map(|part| &**part).collect();
        match self.send(&self.together, &asked).await {
            Ok(returned) => {
                for ((convoy, part), returned) in convoys.into_iter().zip(parts).zip(returned) {
                    if returned.row.try_get("busy").unwrap_or(false) {
                        tokio::spawn(Arc::clone(self).run_alone(convoy, part));
                    } else {
                        self.answer(convoy, part, returned);
                    }
                }
            }
            // One of them is to blame, and the others are not to suffer for it.
            Err(error) if convoys.len() > 1 && is_of_a_row(&error) => {
                for (convoy, part) in convoys.into_iter().zip(parts) {
                    tokio::spawn(Arc::clone(self).run_alone(convoy, part));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for convoy in convoys {
                    self.failed(convoy, Arc::clone(&error));
                }
            }
        }
    }

    /// Waits for the row if need be.
    async fn run_alone(self: Arc<Self>, convoy: Convoy, part: Arc<Prepared>) {
        let returned = {
            let _permit = self.waiting_alone.acquire().await;
            self.send(&self.alone, &[&part]).await
        };
        let returned =
            returned.and_then(|all| all.into_iter().next().ok_or(sqlx::Error::RowNotFound));
        match returned {
            Ok(returned) => self.answer(convoy, part, returned),
            Err(error) => self.failed(convoy, Arc::new(error)),
        }
        self.depart();
    }

    /// The kind of append that is most of all, as a statement that costs less; what it has not stored
    /// is left.
    async fn run_lean(&self, convoys: Vec<Convoy>) -> Vec<(Convoy, Arc<Prepared>)> {
        let parts: Vec<Arc<Prepared>> = convoys.iter().map(Convoy::part).collect();
        let query = match parts.as_slice() {
            [part] => self.lean.query(part),
            parts if parts.iter().any(|part| part.key.is_some()) => None,
            parts => lean_batch_sql::query(&self.lean_batch, parts),
        };
        let convoys = convoys.into_iter().zip(parts);
        let Some(query) = query else {
            return convoys.collect();
        };
        let rows = query.fetch_all(&self.pool).await;
        let mut stored = match rows.and_then(stored) {
            Ok(stored) => stored,
            // The general statement finds out who is to blame.
            Err(error) if is_of_a_row(&error) && convoys.len() > 1 => return convoys.collect(),
            Err(error) => {
                let error = Arc::new(error);
                for (convoy, _) in convoys {
                    self.failed(convoy, Arc::clone(&error));
                }
                return Vec::new();
            }
        };
        let mut left = Vec::new();
        for (convoy, part) in convoys {
            match stored.remove(&part.entity_id) {
                Some(returned) => self.answer(convoy, part, returned),
                None => left.push((convoy, part)),
            }
        }
        left
    }

    async fn send(
        &self,
        statement: &General,
        parts: &[&Prepared],
    ) -> Result<Vec<Returned>, sqlx::Error> {
        returned(statement.query(parts).fetch_all(&self.pool).await?)
    }

    /// Tells each append of a convoy what became of it, or sends them again: if one of several was
    /// refused, the others were not stored either.
    fn answer(&self, convoy: Convoy, part: Arc<Prepared>, returned: Returned) {
        let Returned { row, clocks } = returned;
        let mut answered = Vec::new();
        let mut again = Vec::new();
        if clocks.is_empty() && convoy.jobs.len() > 1 {
            match convoy.broken(&row) {
                Ok(broken) => {
                    answered.extend(broken.refused.map(|job| (job, 0..0)));
                    again = broken.again;
                }
                Err((convoy, error)) => return self.failed(convoy, Arc::new(error)),
            }
        } else {
            answered.extend(convoy.into_jobs(clocks.len()));
        }
        let (row, clocks): (_, Arc<[i64]>) = (Arc::new(row), clocks.into());
        self.queue().leave(part.entity_id, again);
        for (job, steps) in answered {
            let (row, clocks) = (Arc::clone(&row), Arc::clone(&clocks));
            let part = Arc::clone(&part);
            // Whoever asked may have gone.
            let _ = job.answer.send(Ok(Judged {
                row,
                clocks,
                part,
                steps,
            }));
        }
    }

    /// What one of several is to blame for is told to that one: they are sent again one by one.
    fn failed(&self, convoy: Convoy, error: Arc<sqlx::Error>) {
        let entity_id = convoy.jobs[0].part.entity_id;
        if convoy.jobs.len() > 1 && is_of_a_row(&error) && !is_of_a_lock(&error) {
            return self.queue().leave(entity_id, convoy.one_by_one());
        }
        self.queue().leave(entity_id, Vec::new());
        for job in convoy.jobs {
            let _ = job.answer.send(Err(Arc::clone(&error)));
        }
    }

    /// A panic elsewhere leaves the queue as it was between two statements of its owner.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Queue {
    /// Whether whoever asks is to take what there is.
    fn gather(&mut self) -> bool {
        let gathers = !self.gathering && !self.jobs.is_empty();
        self.gathering |= gathers;
        gathers
    }

    /// The next statement's jobs, in order of arrival, those of one entity together.
    fn take(&mut self) -> Vec<Convoy> {
        self.gathering = false;
        let mut taken: Vec<Convoy> = Vec::new();
        let mut at: HashMap<Uuid, usize> = HashMap::new();
        let mut left = VecDeque::new();
        let mut room = MOST;
        while let Some(job) = self.jobs.pop_front() {
            // Nobody waits for it any more, and it was not sent: nor will it be.
            if job.answer.is_closed() {
                continue;
            }
            let entity_id = job.part.entity_id;
            if room == 0 {
                left.push_back(job);
                continue;
            }
            if let Some(convoy) = at.get(&entity_id).and_then(|at| taken.get_mut(*at)) {
                if let Err(job) = convoy.join(job) {
                    left.push_back(job);
                    continue;
                }
            } else if self.busy.insert(entity_id) {
                at.insert(entity_id, taken.len());
                taken.push(Convoy::of(job));
            } else {
                left.push_back(job);
                continue;
            }
            room -= 1;
        }
        self.jobs = left;
        taken
    }

    /// The entity's statement is over; these go before those that came later.
    fn leave(&mut self, entity_id: Uuid, again: Vec<Job>) {
        self.busy.remove(&entity_id);
        for job in again.into_iter().rev() {
            self.jobs.push_front(job);
        }
    }
}
