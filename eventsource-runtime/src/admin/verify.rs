//! Comparison of a read model with one that is built anew beside it.

use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Feed, GenerationComparison, Position};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::admin::note::Note;
use crate::admin::operations::begin_comparison;
use crate::error::RuntimeError;
use crate::generation::subscriptions::{self, Generation};
use crate::tables::shards;
use crate::tables::workers;
use crate::worker::progress::ShardWork;
use crate::worker::settle::finish;
use crate::worker::shared::Shared;

/// Positions that the live generation may be ahead when it is stopped for the comparison.
const NEAR: u64 = 1000;

/// Times that the new generation comes up to the live one, which goes on, before that is stopped.
const ROUNDS: u32 = 10;

/// Time between two signs of life.
const HEARTBEAT: Duration = Duration::from_millis(1500);

/// Builds a generation beside the live one up to its position, compares the two, and drops it.
pub(crate) async fn verify(
    shared: &Arc<Shared>,
    name: &str,
    note: &Note,
) -> Result<GenerationComparison, RuntimeError> {
    let live = live(shared, name).await?;
    let built = begin_comparison(shared, name, live.shards, note).await?;
    let built = Generation {
        generation: built,
        building: false,
        ..live.clone()
    };
    let worker = Uuid::now_v7();
    let mut beside = JoinSet::new();
    beside.spawn(live_on(shared.clone(), worker));
    let compared = compare(shared, worker, &live, &built).await;
    beside.shutdown().await;
    shards::release_all(&shared.store, worker).await?;
    workers::leave(&shared.store, worker).await?;
    shared.forget_readers(name, built.generation);
    for shard in shards::list(&shared.store, name, built.generation).await? {
        shared.forget(&shard.id);
    }
    shared
        .store
        .retire_generation(name, built.generation)
        .await?;
    compared
}

/// Returns the generation of a read model that this program reads.
async fn live(shared: &Shared, name: &str) -> Result<Generation, RuntimeError> {
    let subscription = shared.expect(name)?;
    let name = name.to_owned();
    if subscription.model.is_none() {
        let kind = subscription.kind();
        return Err(RuntimeError::NotAModel { name, kind });
    }
    let known = subscriptions::known(&shared.store, std::slice::from_ref(subscription)).await?;
    let building = known.last().map_or(0, |last| last.generation);
    let live = known.into_iter().find(|found| !found.building);
    live.ok_or(RuntimeError::Building {
        name,
        generation: building,
    })
}

/// Says that the one who builds lives, so that nobody drops what it has built.
async fn live_on(shared: Arc<Shared>, worker: Uuid) {
    loop {
        if let Err(error) = workers::sign(&shared.store, worker, &shared.program, &[]).await {
            tracing::warn!(%error, "the lease was not renewed; trying again");
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}

/// Brings a new generation to the position of the live one, and compares them.
async fn compare(
    shared: &Arc<Shared>,
    worker: Uuid,
    live: &Generation,
    built: &Generation,
) -> Result<GenerationComparison, RuntimeError> {
    let (store, name) = (&shared.store, &live.name);
    workers::sign(store, worker, &shared.program, &[]).await?;
    let claimed = shards::claim(store, worker, name, built.generation, built.shards).await?;
    let mut works: Vec<_> = claimed
        .iter()
        .map(|row| {
            let work = ShardWork::new(shared, built, row, CancellationToken::new());
            (row.id.shard, work)
        })
        .collect();
    works.sort_by_key(|(shard, _)| *shard);
    let mut works: Vec<_> = works.into_iter().map(|(_, work)| work).collect();
    // The live generation goes on meanwhile.
    for _ in 0..ROUNDS {
        let wanted = positions(shared, live).await?;
        let reached = positions(shared, built).await?;
        let distances = reached.iter().zip(&wanted);
        let mut distances = distances.map(|(from, to)| Feed::distance(*from, *to));
        if distances.all(|distance| distance <= NEAR) {
            break;
        }
        bring(shared, built, &mut works, &wanted).await?;
    }
    // Here it stops: whoever owns its shards has lost them, and they are free again afterwards.
    shards::take(store, worker, name, live.generation).await?;
    let wanted = positions(shared, live).await?;
    bring(shared, built, &mut works, &wanted).await?;
    let mut transaction = store.begin().await?;
    let (first, second) = (live.generation, built.generation);
    let compared = store.compare_generations(&mut transaction, name, first, second);
    let compared = compared.await?;
    drop(transaction);
    match positions(shared, live).await? == wanted {
        true => Ok(compared),
        false => Err(RuntimeError::Busy { name: name.clone() }),
    }
}

/// Reads the positions of the shards of a generation, in their order.
async fn positions(
    shared: &Shared,
    generation: &Generation,
) -> Result<Vec<Position>, RuntimeError> {
    let rows = shards::list(&shared.store, &generation.name, generation.generation).await?;
    Ok(rows.into_iter().map(|row| row.position).collect())
}

/// Works on each shard up to its position.
async fn bring(
    shared: &Shared,
    built: &Generation,
    works: &mut [ShardWork],
    wanted: &[Position],
) -> Result<(), RuntimeError> {
    for (work, position) in works.iter_mut().zip(wanted) {
        work.end_at(*position);
        finish(work).await?;
    }
    let name = &built.name;
    let mut reached = Vec::new();
    for row in shards::list(&shared.store, name, built.generation).await? {
        if let Some(halted) = row.halted {
            return Err(RuntimeError::Halted {
                name: name.clone(),
                position: halted.position(),
                error: halted.error,
            });
        }
        reached.push(row.position);
    }
    // The live generation was dropped, or this one was.
    match reached == wanted {
        true => Ok(()),
        false => Err(RuntimeError::Busy { name: name.clone() }),
    }
}
