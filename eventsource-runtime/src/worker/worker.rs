//! Worker: claims, starts, stops and gives back shards.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Error, Position};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::contract::shard_id::ShardId;
use crate::contract::stop::Stop;
use crate::generation::subscriptions::{self, Generation};
use crate::generation::switch::{retire_unused, switch_if_level};
use crate::tables::shards::{self, ShardRow};
use crate::tables::workers::{self, Worker as Living};
use crate::worker::progress::ShardWork;
use crate::worker::share::share;
use crate::worker::shared::Shared;

/// Time between two looks at the tables, without the jitter.
const ROUND: Duration = Duration::from_millis(900);

/// Longest jitter of a round.
const JITTER: u64 = 200;

/// Longest wait for tasks that were dropped; one that blocks its thread is left alone.
const DROPPED: Duration = Duration::from_millis(500);

/// Time between two looks for generations that nobody uses.
const SWEEP: Duration = Duration::from_secs(20);

/// Shards of one process.
pub(crate) struct Worker {
    shared: Arc<Shared>,
    id: Uuid,
    owned: HashMap<ShardId, Owned>,
    tasks: JoinSet<Ended>,
    /// Generations with events of a newer program.
    newer: HashSet<String>,
    /// End of the feed at the last look, for each generation that is being built.
    ends: HashMap<String, Position>,
    /// Time at which unused generations were last looked for.
    swept: Option<Instant>,
}

/// Shard that this worker owns.
struct Owned {
    epoch: u64,
    /// Stops the work on it, while there is any.
    work: Option<CancellationToken>,
    /// Whether it is given back when the work has stopped.
    leaving: bool,
}

/// Work on a shard that has ended.
struct Ended {
    id: ShardId,
    epoch: u64,
    stop: Stop,
}

impl Worker {
    /// Creates a worker that owns nothing.
    pub(crate) fn new(shared: Arc<Shared>, id: Uuid) -> Self {
        Self {
            shared,
            id,
            owned: HashMap::new(),
            tasks: JoinSet::new(),
            newer: HashSet::new(),
            ends: HashMap::new(),
            swept: None,
        }
    }

    /// Works until told to stop; then finishes what has begun, up to the end, and gives all shards back.
    pub(crate) async fn run(mut self, stop: CancellationToken, end: CancellationToken) {
        tokio::select! {
            () = self.work(&stop) => (),
            () = end.cancelled() => (),
        }
        self.finish(&end).await;
    }

    /// Works until told to stop.
    async fn work(&mut self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "the tables of the runtime cannot be read; trying again");
            }
            let pause = ROUND + Duration::from_millis(u64::from(self.id.as_bytes()[15]) % JITTER);
            let next = Instant::now() + pause;
            while Instant::now() < next && !stop.is_cancelled() {
                tokio::select! {
                    Some(ended) = self.tasks.join_next() => self.ended(ended).await,
                    () = tokio::time::sleep_until(next) => (),
                    () = self.shared.wake.notified() => break,
                    () = stop.cancelled() => (),
                }
            }
        }
    }

    /// Looks at the tables, and brings what this worker does in line with them.
    async fn round(&mut self) -> Result<(), Error> {
        let shared = self.shared.clone();
        let store = &shared.store;
        self.advance_generations().await?;
        let generations = subscriptions::known(store, &self.shared.subscriptions).await?;
        let knows = self.knows(&generations);
        if self.shared.set_knows(knows) {
            self.shared.sign(self.id).await?;
        }
        let living = workers::living(store).await?;
        let mut seen = HashSet::new();
        for generation in generations {
            let rows = shards::list(store, &generation.name, generation.generation).await?;
            seen.extend(rows.iter().map(|row| row.id.clone()));
            self.lose(&rows);
            self.balance(&generation, &rows, &living).await?;
        }
        // Generations that were retired.
        let gone: Vec<_> = self
            .owned
            .keys()
            .filter(|id| !seen.contains(*id))
            .cloned()
            .collect();
        for id in gone {
            self.leave(&id).await?;
        }
        Ok(())
    }

    /// Makes generations live that are level, and drops those that nobody uses.
    async fn advance_generations(&mut self) -> Result<(), Error> {
        let store = self.shared.store.clone();
        let mut ends = HashMap::new();
        for generation in subscriptions::known(&store, &self.shared.subscriptions).await? {
            if !generation.building {
                continue;
            }
            // Events go on coming: what was the end a round ago is near enough.
            let level = match self.ends.get(&generation.key()) {
                Some(end) => switch_if_level(&store, &generation, *end).await?,
                None => false,
            };
            if !level {
                ends.insert(generation.key(), store.feed().latest_position().await?);
            }
        }
        self.ends = ends;
        if self.swept.is_none_or(|swept| swept.elapsed() > SWEEP) {
            self.swept = Some(Instant::now());
            for subscription in &self.shared.subscriptions {
                retire_unused(&store, &subscription.name).await?;
            }
        }
        Ok(())
    }

    /// Gives a shard back, now or when its batch is finished.
    async fn leave(&mut self, id: &ShardId) -> Result<(), Error> {
        let Some(owned) = self.owned.get_mut(id) else {
            return Ok(());
        };
        owned.leaving = true;
        match &owned.work {
            Some(work) => {
                work.cancel();
                Ok(())
            }
            None => self.give_back(id).await,
        }
    }

    /// Names the generations that this worker can work on.
    fn knows(&self, generations: &[Generation]) -> Vec<String> {
        let names = generations.iter().map(Generation::key);
        names.filter(|name| !self.newer.contains(name)).collect()
    }

    /// Drops the shards that another worker has taken over.
    fn lose(&mut self, rows: &[ShardRow]) {
        for row in rows {
            let Some(owned) = self.owned.get(&row.id) else {
                continue;
            };
            if row.owner != Some(self.id) || row.epoch != owned.epoch {
                tracing::info!(
                    subscription = row.id.subscription,
                    shard = row.id.shard,
                    "shard lost"
                );
                owned.stop();
                self.owned.remove(&row.id);
            }
        }
    }

    /// Claims or gives back shards of a generation, and starts or stops the work on those it owns.
    async fn balance(
        &mut self,
        generation: &Generation,
        rows: &[ShardRow],
        living: &[Living],
    ) -> Result<(), Error> {
        let share = match self.newer.contains(&generation.key()) {
            true => 0,
            false => share(self.id, living, &generation.key(), generation.shards),
        };
        for row in rows.iter().filter(|row| row.owner == Some(self.id)) {
            // Claimed by a statement whose answer was lost, or before.
            self.owned.entry(row.id.clone()).or_insert(Owned {
                epoch: row.epoch,
                work: None,
                leaving: false,
            });
        }
        let mine = rows.iter().filter(|row| self.owned.contains_key(&row.id));
        let mine: Vec<ShardRow> = mine.cloned().collect();
        for row in mine.iter().skip(usize::from(share)) {
            self.leave(&row.id).await?;
        }
        for row in mine.iter().take(usize::from(share)) {
            self.start_or_stop(generation, row);
        }
        let missing = usize::from(share).saturating_sub(mine.len());
        let lives = |owner: Uuid| living.iter().any(|worker| worker.id == owner);
        if missing > 0 && rows.iter().any(|row| !row.owner.is_some_and(lives)) {
            let claimed = shards::claim(
                &self.shared.store,
                self.id,
                &generation.name,
                generation.generation,
                missing as u16,
            )
            .await?;
            for row in claimed {
                let owned = Owned {
                    epoch: row.epoch,
                    work: None,
                    leaving: false,
                };
                self.owned.insert(row.id.clone(), owned);
                self.start_or_stop(generation, &row);
            }
        }
        Ok(())
    }

    /// Starts the work on a shard that is to be worked on, and stops it on one that is not.
    fn start_or_stop(&mut self, generation: &Generation, row: &ShardRow) {
        let Some(owned) = self.owned.get_mut(&row.id) else {
            return;
        };
        let wanted = !generation.paused && row.halted.is_none() && !owned.leaving;
        match (&owned.work, wanted) {
            (Some(work), false) => work.cancel(),
            (None, true) => {
                let stop = CancellationToken::new();
                owned.work = Some(stop.clone());
                let work = ShardWork::new(&self.shared, generation, row, stop);
                let (id, epoch) = (row.id.clone(), row.epoch);
                self.tasks.spawn(async move {
                    let stop = work.run().await;
                    Ended { id, epoch, stop }
                });
            }
            _ => (),
        }
    }

    /// Notes that the work on a shard has ended.
    async fn ended(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        let Ok(Ended { id, epoch, stop }) = ended else {
            return;
        };
        self.shared.forget(&id);
        let Some(owned) = self.owned.get_mut(&id).filter(|owned| owned.epoch == epoch) else {
            return;
        };
        owned.work = None;
        if let Stop::Newer { entity } = stop {
            tracing::warn!(
                subscription = id.subscription,
                entity,
                "an event of a newer program; its shards are left to others: update this program"
            );
            self.newer
                .insert(subscriptions::key(&id.subscription, id.generation));
            owned.leaving = true;
        }
        if owned.leaving
            && let Err(error) = self.give_back(&id).await
        {
            tracing::warn!(%error, "a shard was not given back; trying again");
        }
    }

    /// Gives back a shard on which no work is done.
    async fn give_back(&mut self, id: &ShardId) -> Result<(), Error> {
        if let Some(owned) = self.owned.get(id) {
            shards::release(&self.shared.store, id, owned.epoch).await?;
            self.owned.remove(id);
        }
        Ok(())
    }

    /// Finishes the batches that have begun, up to the end, and gives all shards back.
    async fn finish(mut self, end: &CancellationToken) {
        for owned in self.owned.values() {
            owned.stop();
        }
        tokio::select! {
            () = async { while self.tasks.join_next().await.is_some() {} } => (),
            () = end.cancelled() => (),
        }
        // What is left is dropped: its checkpoint has not moved, and cannot once the shards are given back.
        let _ = timeout(DROPPED, self.tasks.shutdown()).await;
        for id in self.owned.keys() {
            self.shared.forget(id);
        }
        for _ in 0..3 {
            let left = async {
                shards::release_all(&self.shared.store, self.id).await?;
                workers::leave(&self.shared.store, self.id).await
            };
            match left.await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "the worker could not sign off"),
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Owned {
    fn stop(&self) {
        if let Some(work) = &self.work {
            work.cancel();
        }
    }
}

/// Time between two signs of life.
const HEARTBEAT: Duration = Duration::from_millis(1500);

/// Says that a worker lives, as long as it does, whatever its shards are doing.
pub(crate) async fn heartbeat(shared: Arc<Shared>, id: Uuid) {
    loop {
        if let Err(error) = shared.sign(id).await {
            tracing::warn!(%error, "the leases were not renewed; trying again");
        }
        sleep(HEARTBEAT).await;
    }
}
