//! What the runner calls for each shard of a handler.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eventsource_core::{Position, Transaction, UnreadableReason};
use tokio::time::{Instant, sleep_until};

use crate::contract::event::SourceEvent;
#[cfg(feature = "testing")]
use crate::contract::faults::Faults;
use crate::contract::kind::Kind;
use crate::contract::shard_id::ShardId;
use crate::contract::source::BoxFuture;
use crate::contract::stop::{Halt, Progress, Stop};
use crate::failure::breaker::Permit;
use crate::failure::parked::{FailedTry, MAX_KEYS, Parked, ParkedRow};
use crate::handler::executor::attempt::attempt;
use crate::handler::executor::lanes::{Lanes, Settled};
use crate::handler::executor::release::release;
use crate::handler::executor::work::Work;
use crate::subscription::consumer::{Batch, Consumer};
use crate::subscription::shard::Shard;

/// Most keys of a shard that are delivered at once.
const KEYS_AT_ONCE: usize = 8;

/// Time after which a turn ends, for what is done to be saved.
const TURN: Duration = Duration::from_millis(250);

/// Consumer that delivers events to a handler, in order by key.
pub(crate) struct HandlerConsumer {
    work: Arc<Work>,
    shards: Mutex<HashMap<ShardId, Arc<tokio::sync::Mutex<Lanes>>>>,
}

/// Returns the breaker's permit for a probe when the task ends, however it ends.
pub(crate) struct Probe(pub(crate) Arc<Work>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.breaker.probed();
    }
}

impl HandlerConsumer {
    pub(crate) fn new(work: Work) -> Self {
        Self {
            work: Arc::new(work),
            shards: Mutex::default(),
        }
    }

    fn lanes(&self, shard: &Shard) -> Arc<tokio::sync::Mutex<Lanes>> {
        let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shards.entry(shard.id().clone()).or_default())
    }

    fn parked(&self, shard: &Shard) -> Parked<'_> {
        Parked {
            subscription: &self.work.subscription,
            shard: shard.id().shard,
        }
    }

    /// Reads which keys are set aside, and which of them have become free.
    async fn read_parked(&self, shard: &Shard, lanes: &mut Lanes) -> Result<(), Stop> {
        let emptied = lanes.emptied();
        if lanes.is_loaded && emptied.is_empty() {
            return Ok(());
        }
        let parked = self.parked(shard);
        let mut begun = shard.begin().await?;
        if !lanes.is_loaded {
            let keys = parked.keys(&mut begun.transaction).await?;
            lanes.load(keys);
        }
        let mut freed = Vec::new();
        for key in emptied {
            // Events may have followed while the last one before them was being removed.
            let now = shard.store().clock().now();
            parked.promote(&mut begun.transaction, &key, now).await?;
            let head = parked.head(&mut begun.transaction, &key).await?;
            freed.push((key, head.is_none()));
        }
        shard.commit(begun).await?;
        for (key, is_free) in freed {
            match is_free {
                true => lanes.free(&key),
                false => lanes.still_parked(&key),
            }
        }
        Ok(())
    }

    /// Starts what can be started of these events; returns when to look again, if nothing ends before.
    fn start(
        &self,
        shard: &Shard,
        events: &[Arc<SourceEvent>],
        lanes: &mut Lanes,
    ) -> Option<Instant> {
        let room = KEYS_AT_ONCE.saturating_sub(lanes.busy());
        // During an outage one of all is chosen; else the first ones are, and no more are looked for.
        let most = match self.work.breaker.is_open() && room > 0 {
            true => usize::MAX,
            false => room,
        };
        // An event waits for those of its key before it.
        let mut before = HashSet::new();
        let mut startable = Vec::new();
        for event in events {
            if startable.len() >= most {
                break;
            }
            if lanes.is_settled(event.position) {
                continue;
            }
            if let Some(reason) = event.unreadable().map(|unreadable| &unreadable.reason)
                && matches!(reason, UnreadableReason::UnknownEventType { .. })
            {
                if before.is_empty() {
                    lanes.newer(event.entity);
                }
                break;
            }
            let Some(key) = self.work.key(event) else {
                lanes.settle(event.position, Settled::Done);
                continue;
            };
            if lanes.is_busy(&key) || before.contains(&key) {
                before.insert(key);
            } else if lanes.is_parked(&key) {
                let parked = Settled::Parked {
                    event: Arc::clone(event),
                    key,
                    failed: None,
                };
                lanes.settle(event.position, parked);
            } else {
                before.insert(key.clone());
                startable.push((key, event));
            }
        }
        if startable.is_empty() {
            return None;
        }
        let (chosen, probe) = match self.work.breaker.permit(Instant::now()) {
            Permit::All => (startable.into_iter().take(room).collect(), false),
            Permit::Probe => {
                // The oldest first; if it fails another is next, for the oldest may be at fault.
                let oldest = startable
                    .into_iter()
                    .min_by_key(|(_, event)| (lanes.tries(event.position), event.position));
                (oldest.into_iter().collect::<Vec<_>>(), true)
            }
            Permit::NotBefore(time) => return Some(time),
        };
        for (key, event) in chosen {
            let (work, store) = (Arc::clone(&self.work), shard.store().clone());
            let earlier = lanes.tries(event.position);
            let delivered = Arc::clone(event);
            let probing = probe.then(|| Probe(Arc::clone(&work)));
            let of = key.clone();
            lanes.start(key, Arc::clone(event), async move {
                let tried = attempt(&work, &store, None, delivered, of, earlier, probe).await;
                drop(probing);
                tried
            });
        }
        None
    }

    async fn turn(&self, batch: &mut Batch<'_>) -> Result<Progress, Stop> {
        let shard = batch.shard();
        let lanes = self.lanes(shard);
        let mut lanes = lanes.lock().await;
        lanes.owned_under(shard.epoch());
        let Some(first) = batch.events().first() else {
            return Ok(Progress::passed(batch.up_to()));
        };
        lanes.begin_at(first.position);
        lanes.collect();
        self.read_parked(shard, &mut lanes).await?;
        let turn_ends = Instant::now() + TURN;
        let mut rest = batch.events();
        loop {
            rest = unsettled(rest, &lanes);
            // Before the event at which it halts, everything is delivered.
            let startable = match lanes.halts_at() {
                Some(halts_at) => &rest[..rest.partition_point(|event| event.position < halts_at)],
                None if lanes.has_stop() => &[],
                None => rest,
            };
            let again = match shard.stop().is_cancelled() || startable.is_empty() {
                true => None,
                false => self.start(shard, startable, &mut lanes),
            };
            // A worker that stops lets what it has begun end, and is given a time for that.
            let is_stopping = shard.stop().is_cancelled();
            let is_over = match is_stopping {
                true => lanes.busy() == 0,
                false => {
                    let waits_for = unsettled(startable, &lanes);
                    Instant::now() >= turn_ends || lanes.has_stop() && waits_for.is_empty()
                }
            };
            if is_over || unsettled(rest, &lanes).is_empty() {
                break;
            }
            let look_again = again.unwrap_or(turn_ends).min(turn_ends);
            tokio::select! {
                () = lanes.ended() => lanes.collect(),
                () = sleep_until(look_again), if !is_stopping => (),
                () = shard.stop().cancelled(), if !is_stopping => (),
            }
        }
        let done = done(batch, &lanes);
        self.save(batch, &mut lanes, done).await
    }

    /// Writes what is set aside, in the transaction of the checkpoint.
    async fn save(
        &self,
        batch: &mut Batch<'_>,
        lanes: &mut Lanes,
        mut done: Position,
    ) -> Result<Progress, Stop> {
        let passed = |event: &&Arc<SourceEvent>| event.position <= done;
        let events: Vec<_> = batch.events().iter().take_while(passed).cloned().collect();
        let next = batch.events().get(events.len()).map(|event| event.position);
        let (mut effects, mut rows) = (false, Vec::new());
        for event in &events {
            match lanes.settled(event.position) {
                Some(Settled::Done) => effects |= self.work.key(event).is_some(),
                Some(Settled::Parked { event, key, failed }) => {
                    let row = ParkedRow::new(event, key);
                    rows.push((row, failed.clone(), Arc::clone(event)));
                }
                None => (),
            }
        }
        if rows.is_empty() {
            // What stops the shard is told once everything before it is saved.
            return match lanes.take_stop(next) {
                Some(stop) if events.is_empty() || !effects => Err(stop),
                stop => {
                    if let Some(stop) = stop {
                        lanes.put_stop(stop);
                    }
                    Ok(Progress { done, effects })
                }
            };
        }
        let parked = self.parked(batch.shard());
        let now = batch.shard().store().clock().now();
        let transaction = batch.transaction().await?;
        let first = rows.iter().position(|(_, failed, _)| failed.is_some());
        if let Some(first) = first
            && let (_, Some(failed), event) = &rows[first]
            && let Err(stop) = has_room(&parked, transaction, event, failed).await
        {
            // What comes before it is saved first.
            let before = events.partition_point(|other| other.position < event.position);
            let Some(last) = before.checked_sub(1) else {
                return Err(stop);
            };
            done = events[last].position;
            rows.truncate(first);
        }
        for (row, failed, _) in &rows {
            parked
                .insert(transaction, row, failed.as_ref(), now)
                .await?;
        }
        Ok(Progress::done(done))
    }

    /// Tries keys that were set aside and are due.
    async fn release_due(&self, shard: &Shard) -> Result<(), Stop> {
        let lanes = self.lanes(shard);
        let mut lanes = lanes.lock().await;
        lanes.owned_under(shard.epoch());
        lanes.collect();
        self.read_parked(shard, &mut lanes).await?;
        let first = lanes.first();
        if let Some(stop) = lanes.take_stop(first) {
            return Err(stop);
        }
        let room = KEYS_AT_ONCE.saturating_sub(lanes.releasing());
        if !lanes.has_parked() || room == 0 {
            return Ok(());
        }
        let now = shard.store().clock().now();
        let mut begun = shard.begin().await?;
        let most = i64::try_from(KEYS_AT_ONCE).unwrap_or_default();
        let due = self
            .parked(shard)
            .due(&mut begun.transaction, now, most)
            .await?;
        drop(begun);
        if due.is_empty() {
            return Ok(());
        }
        let (most, mut probing) = match self.work.breaker.permit(Instant::now()) {
            Permit::All => (room, None),
            // A key that is set aside may tell that the outage is over, if no other event comes.
            Permit::Probe => (1, Some(Probe(Arc::clone(&self.work)))),
            Permit::NotBefore(_) => return Ok(()),
        };
        for head in due.into_iter().take(most) {
            let (work, shard) = (Arc::clone(&self.work), shard.clone());
            let (key, probing) = (head.key.clone(), probing.take());
            lanes.start_release(key, async move {
                let released = release(&work, &shard, head, None).await;
                drop(probing);
                released
            });
        }
        Ok(())
    }
}

/// Returns the events from the first that is not settled.
fn unsettled<'a>(mut events: &'a [Arc<SourceEvent>], lanes: &Lanes) -> &'a [Arc<SourceEvent>] {
    while let [first, rest @ ..] = events
        && lanes.is_settled(first.position)
    {
        events = rest;
    }
    events
}

/// Returns the position up to which every event is settled.
fn done(batch: &Batch<'_>, lanes: &Lanes) -> Position {
    let (events, rest) = (batch.events(), unsettled(batch.events(), lanes));
    match events.len() - rest.len() {
        settled if settled == events.len() => batch.up_to(),
        0 => Position::START,
        settled => events[settled - 1].position,
    }
}

impl Consumer for HandlerConsumer {
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

/// Tells whether an event concerns a shard: the one of its key, if that is not its entity.
pub(crate) fn concerns(work: &Work, event: &SourceEvent, shard: u16, shards: u16) -> bool {
    let target = work.targets.get(event.source);
    match target.filter(|target| target.has_own_keys() && event.unreadable().is_none()) {
        Some(target) => match target.key(event) {
            Some(key) => shard_of_text(&key, shards) == shard,
            None => shard == 0,
        },
        None => event.shard_by_entity(shards) == shard,
    }
}

/// Halts at an event whose key should be set aside while too many are.
pub(crate) async fn has_room(
    parked: &Parked<'_>,
    transaction: &mut Transaction<'_>,
    event: &SourceEvent,
    failed: &FailedTry,
) -> Result<(), Stop> {
    let keys = i64::try_from(parked.keys(transaction).await?.len()).unwrap_or(i64::MAX);
    if keys < MAX_KEYS {
        return Ok(());
    }
    Err(Stop::Halt(Halt {
        position: event.position,
        event_id: event.event_id,
        error: format!(
            "{keys} keys are set aside, no more may be: {}",
            failed.error
        ),
    }))
}

/// Returns the shard of a key among `shards`, a power of two: FNV-1a, the same in every program.
fn shard_of_text(key: &str, shards: u16) -> u16 {
    let hash = (key.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The last bits of FNV-1a depend on the last bits of the key only.
    let folded = hash ^ (hash >> 32);
    u16::try_from(folded & u64::from(shards.saturating_sub(1))).unwrap_or_default()
}
