//! Running to the end of the feed in the caller's task.

use std::sync::Arc;
use std::time::Duration;

use eventsource_core::Position;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::contract::stop::Stop;
use crate::error::RuntimeError;
use crate::generation::subscriptions::{self, Generation};
use crate::generation::switch::switch_if_level;
use crate::tables::shards::{self, ShardRow};
use crate::tables::workers;
use crate::worker::progress::{ShardWork, Step};
use crate::worker::shared::Shared;

/// Pause between two looks at shards that others work on.
const PAUSE: Duration = Duration::from_millis(10);

/// Runs all subscriptions until nothing is left to do, also of what they have caused meanwhile.
///
/// Shards of a worker that lives are left to it and waited for.
pub(crate) async fn settle(shared: &Arc<Shared>) -> Result<(), RuntimeError> {
    let worker = Uuid::now_v7();
    let settled = rounds(shared, worker).await;
    shards::release_all(&shared.store, worker).await?;
    workers::leave(&shared.store, worker).await?;
    settled
}

async fn rounds(shared: &Arc<Shared>, worker: Uuid) -> Result<(), RuntimeError> {
    loop {
        workers::sign(&shared.store, worker, &shared.program, &[]).await?;
        let end = shared.store.feed().latest_position().await?;
        let mut level = true;
        for generation in subscriptions::known(&shared.store, &shared.subscriptions).await? {
            let settled = settle_generation(shared, worker, &generation, end).await?;
            level &= settled;
            if generation.building && settled && !generation.paused {
                level &= switch_if_level(&shared.store, &generation, end).await?;
            }
        }
        if level && shared.store.feed().latest_position().await? == end {
            return Ok(());
        }
        if !level {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Brings a generation to a position; tells whether it is there.
async fn settle_generation(
    shared: &Arc<Shared>,
    worker: Uuid,
    generation: &Generation,
    end: Position,
) -> Result<bool, RuntimeError> {
    if generation.paused {
        return Ok(true);
    }
    let Generation {
        name,
        generation: number,
        shards,
        ..
    } = generation;
    for row in shards::claim(&shared.store, worker, name, *number, *shards).await? {
        if row.halted.is_none() {
            work(shared, generation, &row).await?;
        }
        shards::release(&shared.store, &row.id, row.epoch).await?;
    }
    let mut level = true;
    for row in shards::list(&shared.store, name, *number).await? {
        if let Some(halted) = row.halted {
            return Err(RuntimeError::Halted {
                name: name.clone(),
                position: halted.position(),
                error: halted.error,
            });
        }
        let done = shared.done(&row.id).unwrap_or(row.position);
        level &= done.max(row.position) >= end;
    }
    Ok(level)
}

/// Works on a shard to the end of the feed.
async fn work(
    shared: &Arc<Shared>,
    generation: &Generation,
    row: &ShardRow,
) -> Result<(), RuntimeError> {
    let mut work = ShardWork::new(shared, generation, row, CancellationToken::new());
    finish(&mut work).await
}

/// Works on a shard to the end of its feed, and saves its checkpoint or that it has halted.
pub(crate) async fn finish(work: &mut ShardWork) -> Result<(), RuntimeError> {
    let ended = async {
        loop {
            match work.step().await? {
                Step::Done => (),
                Step::Stuck => tokio::time::sleep(PAUSE).await,
                Step::Level => break,
            }
        }
        work.tick().await?;
        work.save().await
    };
    match ended.await {
        Ok(()) => Ok(()),
        Err(Stop::Halt(halt)) => match work.halt(&halt).await {
            Err(Stop::Store(error)) => Err(error.into()),
            _ => Ok(()),
        },
        Err(Stop::Store(error)) => Err(error.into()),
        // Another worker has it; or it waits for a newer one.
        Err(Stop::Lost | Stop::Newer { .. }) => Ok(()),
        Err(Stop::Failed { error, .. }) => {
            Err(eventsource_core::Error::Database { source: error }.into())
        }
    }
}
