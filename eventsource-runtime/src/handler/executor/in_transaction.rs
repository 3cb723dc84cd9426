//! What the runner calls for each shard of a handler that writes in the transaction of the checkpoint.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventsource_core::{Position, UnreadableReason};
use tokio::time::Instant;

use crate::contract::event::SourceEvent;
#[cfg(feature = "testing")]
use crate::contract::faults::Faults;
use crate::contract::kind::Kind;
use crate::contract::shard_id::ShardId;
use crate::contract::source::BoxFuture;
use crate::contract::stop::{Progress, Stop};
use crate::failure::breaker::Permit;
use crate::failure::parked::{FailedTry, Parked, ParkedRow};
use crate::handler::executor::attempt::{End, attempt};
use crate::handler::executor::consumer::{Probe, concerns, has_room};
use crate::handler::executor::release::release;
use crate::handler::executor::within::{self, Within};
use crate::handler::executor::work::Work;
use crate::model::projection::longest;
use crate::subscription::consumer::{Batch, Consumer};
use crate::subscription::shard::Shard;

/// Keys that were set aside and are tried in one tick.
const KEYS_A_TICK: i64 = 8;

/// Time after which no further event that was set aside is tried in one tick.
const TICK: Duration = Duration::from_millis(250);

/// Consumer that delivers events one after the other, in the transaction that moves the checkpoint.
pub(crate) struct TransactionConsumer {
    work: Arc<Work>,
    places: Mutex<HashMap<ShardId, Place>>,
}

/// What is known of one shard.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Epoch under which the shard is owned; another owner begins anew.
    epoch: u64,
    /// Event that has failed, and how often.
    failed: Option<(Position, u32)>,
    /// Probes of this outage.
    probes: usize,
    /// Whether no key is set aside.
    none_parked: bool,
}

/// How far events were delivered.
enum Delivered {
    /// Number of events that are done, once the transaction is committed.
    Done(usize),
    /// The one after so many has failed, and all are rolled back.
    FailedAfter(usize),
    /// There is an outage.
    Waits,
}

impl TransactionConsumer {
    pub(crate) fn new(work: Work) -> Self {
        Self {
            work: Arc::new(work),
            places: Mutex::default(),
        }
    }

    /// Looks at what is known of a shard, or changes it.
    fn place<T>(&self, shard: &Shard, look: impl FnOnce(&mut Place) -> T) -> T {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.entry(shard.id().clone()).or_default();
        if place.epoch != shard.epoch() {
            *place = Place {
                epoch: shard.epoch(),
                ..Place::default()
            };
        }
        look(place)
    }

    fn tries(&self, shard: &Shard, position: Position) -> u32 {
        let failed = self.place(shard, |place| place.failed);
        failed.map_or(0, |(at, tries)| if at == position { tries } else { 0 })
    }

    fn set_tries(&self, shard: &Shard, position: Position, tries: u32) {
        self.place(shard, |place| place.failed = Some((position, tries)));
    }

    fn parked(&self, shard: &Shard) -> Parked<'_> {
        Parked {
            subscription: &self.work.subscription,
            shard: shard.id().shard,
        }
    }

    /// Reads which keys are set aside.
    async fn keys(&self, shard: &Shard, within: &mut Within) -> Result<HashSet<String>, Stop> {
        let begun = within.begun().await?;
        let keys = self.parked(shard).keys(&mut begun.transaction).await?;
        self.place(shard, |place| place.none_parked = keys.is_empty());
        Ok(keys.into_iter().collect())
    }

    async fn turn(&self, batch: &mut Batch<'_>) -> Result<Progress, Stop> {
        let (shard, all) = (batch.shard(), batch.events());
        let mut events = known(all)?;
        let end = |count: usize| match count {
            0 => Position::START,
            count if count == all.len() => batch.up_to(),
            count => all[count - 1].position,
        };
        let first = (events.iter()).position(|event| self.work.key(event).is_some());
        let Some(first) = first else {
            return Ok(Progress::passed(end(events.len())));
        };
        let goes_on = match self.work.breaker.permit(Instant::now()) {
            Permit::All => true,
            Permit::Probe => self.probe(shard, events).await?,
            Permit::NotBefore(_) => false,
        };
        if !goes_on {
            return Ok(Progress::passed(end(first)));
        }
        let mut within = Within::new(shard);
        loop {
            match self.deliver(shard, &mut within, events).await? {
                Delivered::Done(count) => {
                    let done = end(count);
                    if let Some(begun) = within.into_begun() {
                        batch.commits(begun);
                    }
                    return Ok(Progress::done(done));
                }
                // Those before it once more, without it.
                Delivered::FailedAfter(count) => events = &events[..count],
                Delivered::Waits => return Ok(Progress::passed(end(first))),
            }
        }
    }

    /// Tries one event during an outage and rolls it back; tells whether the outage is over.
    ///
    /// Each time the first event of another key: the one before may be at fault.
    async fn probe(&self, shard: &Shard, events: &[Arc<SourceEvent>]) -> Result<bool, Stop> {
        let _probe = Probe(Arc::clone(&self.work));
        let mut within = Within::new(shard);
        let mut seen = self.keys(shard, &mut within).await?;
        let heads: Vec<_> = (events.iter())
            .filter_map(|event| Some((event, self.work.key(event)?)))
            .filter(|(_, key)| seen.insert(key.clone()))
            .collect();
        let probes = self.place(shard, |place| {
            place.probes += 1;
            place.probes - 1
        });
        let Some((event, key)) = heads.get(probes % heads.len().max(1)) else {
            // All are set aside already, and nothing is tried.
            return Ok(true);
        };
        let tries = self.tries(shard, event.position) + 1;
        let delivered = within::deliver(&self.work, event, tries, Some(&mut within)).await;
        if let Some(stop) = within.take_stop() {
            return Err(stop);
        }
        match delivered {
            Ok(()) => self.work.breaker.succeeded(),
            Err(_) => self.work.breaker.failed(key, None, Instant::now()),
        }
        Ok(!self.work.breaker.is_open())
    }

    /// Delivers events in one transaction, which has not been committed yet.
    async fn deliver(
        &self,
        shard: &Shard,
        within: &mut Within,
        events: &[Arc<SourceEvent>],
    ) -> Result<Delivered, Stop> {
        let parked_keys = self.keys(shard, within).await?;
        let (begun, longest) = (
            Instant::now(),
            longest(within.begun().await?.transaction.dialect()),
        );
        let mut is_empty = true;
        for (count, event) in events.iter().enumerate() {
            let Some(key) = self.work.key(event) else {
                continue;
            };
            let is_over = begun.elapsed() > longest || shard.stop().is_cancelled();
            if is_over && !is_empty {
                return Ok(Delivered::Done(count));
            }
            if parked_keys.contains(&key) {
                let (row, now) = (ParkedRow::new(event, &key), shard.store().clock().now());
                let transaction = &mut within.begun().await?.transaction;
                let parked = self.parked(shard);
                parked.insert(transaction, &row, None, now).await?;
            } else if is_empty {
                // Alone in the transaction: now is decided what becomes of it.
                let earlier = self.tries(shard, event.position);
                let (work, event) = (&*self.work, Arc::clone(event));
                let tried = attempt(
                    work,
                    shard.store(),
                    Some(&mut *within),
                    event,
                    key,
                    earlier,
                    false,
                )
                .await;
                if let Some(stop) = within.take_stop() {
                    return Err(stop);
                }
                match tried.end {
                    End::Delivered => (),
                    End::Waits => {
                        self.set_tries(shard, tried.position, tried.attempts);
                        return Ok(Delivered::Waits);
                    }
                    End::Halt(halt) => return Err(Stop::Halt(halt)),
                    End::Park(failed) => {
                        let event = &events[count];
                        self.set_aside(shard, within, event, &tried.key, &failed)
                            .await?;
                        return Ok(Delivered::Done(count + 1));
                    }
                }
            } else {
                let delivered = within::deliver(&self.work, event, 1, Some(&mut *within)).await;
                if let Some(stop) = within.take_stop() {
                    return Err(stop);
                }
                if delivered.is_err() {
                    self.set_tries(shard, event.position, 1);
                    return Ok(Delivered::FailedAfter(count));
                }
            }
            is_empty = false;
        }
        Ok(Delivered::Done(events.len()))
    }

    /// Sets the key of an event aside, in a transaction that was rolled back and begins anew.
    async fn set_aside(
        &self,
        shard: &Shard,
        within: &mut Within,
        event: &SourceEvent,
        key: &str,
        failed: &FailedTry,
    ) -> Result<(), Stop> {
        let transaction = &mut within.begun().await?.transaction;
        let (parked, row) = (self.parked(shard), ParkedRow::new(event, key));
        has_room(&parked, transaction, event, failed).await?;
        let now = shard.store().clock().now();
        parked.insert(transaction, &row, Some(failed), now).await?;
        self.place(shard, |place| place.none_parked = false);
        Ok(())
    }

    /// Tries keys that were set aside and are due.
    async fn release_due(&self, shard: &Shard) -> Result<(), Stop> {
        if self.place(shard, |place| place.none_parked) {
            return Ok(());
        }
        let mut within = Within::new(shard);
        self.keys(shard, &mut within).await?;
        let transaction = &mut within.begun().await?.transaction;
        let parked = self.parked(shard);
        let now = shard.store().clock().now();
        let due = parked.due(transaction, now, KEYS_A_TICK).await?;
        drop(within);
        if due.is_empty() {
            return Ok(());
        }
        let (most, _probing) = match self.work.breaker.permit(Instant::now()) {
            Permit::All => (due.len(), None),
            Permit::Probe => (1, Some(Probe(Arc::clone(&self.work)))),
            Permit::NotBefore(_) => return Ok(()),
        };
        let until = Instant::now() + TICK;
        for head in due.into_iter().take(most) {
            release(&self.work, shard, head, Some(until)).await.end?;
        }
        Ok(())
    }
}

/// Returns the events before the first that only a newer program knows.
fn known(events: &[Arc<SourceEvent>]) -> Result<&[Arc<SourceEvent>], Stop> {
    let is_newer = |event: &Arc<SourceEvent>| {
        let reason = event.unreadable().map(|unreadable| &unreadable.reason);
        matches!(reason, Some(UnreadableReason::UnknownEventType { .. }))
    };
    match events.iter().position(is_newer) {
        Some(0) => Err(Stop::Newer {
            entity: events[0].entity,
        }),
        Some(place) => Ok(&events[..place]),
        None => Ok(events),
    }
}

impl Consumer for TransactionConsumer {
    fn kind(&self) -> Kind {
        self.work.kind
    }

    #[cfg(feature = "testing")]
    fn arm(&self, faults: &Faults) {
        self.work.faults.arm(faults);
    }

    fn concerns(&self, event: &SourceEvent, shard: u16, shards: u16) -> bool {
        concerns(&self.work, event, shard, shards)
    }

    fn consume<'a>(&'a self, batch: &'a mut Batch<'_>) -> BoxFuture<'a, Result<Progress, Stop>> {
        Box::pin(self.turn(batch))
    }

    fn tick<'a>(&'a self, shard: &'a Shard) -> BoxFuture<'a, Result<(), Stop>> {
        Box::pin(self.release_due(shard))
    }
}
