//! Tries of a key that was set aside.

use std::sync::Arc;
use std::time::Duration;

use eventsource_core::Failure;
use tokio::time::Instant;

use crate::contract::stop::{Halt, Stop, with_sources};
use crate::failure::parked::{FailedTry, Parked, ParkedRow};
use crate::handler::executor::attempt::later;
use crate::handler::executor::within::{self, Within};
use crate::handler::executor::work::Work;
use crate::subscription::shard::Shard;

/// Pause of a key that is tried once only, during an outage: the try has said nothing about it.
const OUTAGE: Duration = Duration::from_secs(10);

/// End of the tries of a key that was set aside.
#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) key: String,
    pub(crate) end: Result<(), Stop>,
}

/// Delivers the events of a key that was set aside, in order, until one fails, none is left, or it is late.
pub(crate) async fn release(
    work: &Work,
    shard: &Shard,
    head: ParkedRow,
    until: Option<Instant>,
) -> Released {
    let key = head.key.clone();
    let mut next = Some(head);
    let end = loop {
        let Some(row) = next.take() else {
            break Ok(());
        };
        if shard.stop().is_cancelled() || until.is_some_and(|until| Instant::now() >= until) {
            break Ok(());
        }
        match deliver(work, shard, &row).await {
            Ok(following) => next = following,
            Err(stop) => break Err(stop),
        }
    };
    Released { key, end }
}

/// Tries one event; returns the next of its key if it was delivered.
async fn deliver(work: &Work, shard: &Shard, row: &ParkedRow) -> Result<Option<ParkedRow>, Stop> {
    let parked = Parked {
        subscription: &work.subscription,
        shard: shard.id().shard,
    };
    let place = work
        .targets
        .iter()
        .find(|target| target.entity() == row.entity);
    let Some(target) = place else {
        // The program has ceased to read that machine; another may still.
        let failed = FailedTry {
            attempts: row.attempts.max(1),
            next: None,
            error: format!("the subscription does not read '{}' any longer", row.entity),
        };
        return write(shard, &parked, row, &failed).await;
    };
    // Counted before the try: an event that ends the process has been tried too.
    let tries = row.attempts.saturating_add(1);
    let next = work
        .retry
        .wait_after(tries.unsigned_abs())
        .map(|wait| later(shard.store(), wait));
    let counted = FailedTry {
        attempts: tries,
        next,
        error: "the try has not ended".to_owned(),
    };
    write(shard, &parked, row, &counted).await?;
    let event = target.load(row.entity_id, row.seq, row.position).await?;
    let event = event
        .map(Arc::new)
        .filter(|event| target.key(event).is_some());
    // An event that the reader does not see any longer is not delivered any longer.
    let mut within = work.in_transaction.then(|| Within::new(shard));
    let delivered = match event {
        Some(event) => {
            let number = tries.unsigned_abs().saturating_add(1);
            let delivered = within::deliver(work, &event, number, within.as_mut()).await;
            delivered.map_err(|failure| (failure, event))
        }
        None => Ok(()),
    };
    if let Some(stop) = within.as_mut().and_then(Within::take_stop) {
        return Err(stop);
    }
    let Err((failure, event)) = delivered else {
        work.breaker.succeeded();
        let mut begun = match within.and_then(Within::into_begun) {
            Some(begun) => begun,
            None => shard.begin().await?,
        };
        let now = shard.store().clock().now();
        let following = parked.remove(&mut begun.transaction, row, now).await?;
        shard.commit(begun).await?;
        return Ok(following);
    };
    let (error, wait) = match failure {
        Failure::Halt(error) => return Err(Stop::Halt(Halt::at(&event, &*error))),
        Failure::Park(error) => (error, None),
        Failure::Retry { error, after } => {
            work.breaker.failed(&row.key, after, Instant::now());
            let wait = work.retry.wait_after(tries.unsigned_abs());
            (error, wait.map(|wait| wait.max(after.unwrap_or_default())))
        }
        other => {
            let wait = work.retry.wait_after(tries.unsigned_abs());
            (other.to_string().into(), wait)
        }
    };
    // A try during an outage says nothing about the event.
    let outage = work.breaker.is_open();
    let wait = match outage {
        true => Some(work.retry.wait_after(1).unwrap_or(OUTAGE)),
        false => wait,
    };
    let failed = FailedTry {
        attempts: if outage { row.attempts } else { tries },
        next: wait.map(|wait| later(shard.store(), wait)),
        error: with_sources(&*error),
    };
    write(shard, &parked, row, &failed).await
}

/// Writes a try that has failed; nothing follows it.
async fn write(
    shard: &Shard,
    parked: &Parked<'_>,
    row: &ParkedRow,
    failed: &FailedTry,
) -> Result<Option<ParkedRow>, Stop> {
    let mut begun = shard.begin().await?;
    parked.update(&mut begun.transaction, row, failed).await?;
    shard.commit(begun).await?;
    Ok(None)
}
