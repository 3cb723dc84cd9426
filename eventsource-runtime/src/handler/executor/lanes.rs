//! What is known of the events of one shard.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use eventsource_core::Position;
use tokio::task::JoinSet;

use crate::contract::event::SourceEvent;
use crate::contract::stop::{Halt, Stop};
use crate::failure::parked::FailedTry;
use crate::handler::executor::attempt::{End, Tried};
use crate::handler::executor::release::Released;

/// Events of one shard that are ahead of its checkpoint, and the tasks that deliver them.
///
/// Tasks outlive a batch, so that one slow key does not hold up the others.
#[derive(Default)]
pub(crate) struct Lanes {
    /// Epoch under which the shard is owned; another owner begins anew.
    epoch: u64,
    /// Whether the keys that are set aside were read from the table.
    pub(crate) is_loaded: bool,
    /// What came of events that are ahead of the checkpoint in the table.
    settled: BTreeMap<Position, Settled>,
    /// Tries of events that wait for an outage to end.
    tries: BTreeMap<Position, u32>,
    /// Keys with an event that is being delivered.
    busy: HashSet<String>,
    /// Keys that are set aside.
    parked: HashSet<String>,
    /// Keys that may have no event left that is set aside.
    emptied: HashSet<String>,
    /// Keys that were set aside and are being tried.
    releasing: HashSet<String>,
    tasks: JoinSet<Ended>,
    stop: Option<Stop>,
    /// First event of the last batch.
    first: Option<Position>,
}

/// What came of an event.
#[derive(Clone, Debug)]
pub(crate) enum Settled {
    /// It was delivered, or is not for the handler.
    Done,
    /// Its key is set aside, because of this event or of one before it.
    Parked {
        event: Arc<SourceEvent>,
        key: String,
        failed: Option<FailedTry>,
    },
}

/// Task that has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Tried(Tried, Arc<SourceEvent>),
    Released(Released),
}

impl Lanes {
    /// Begins anew if the shard has been claimed again.
    pub(crate) fn owned_under(&mut self, epoch: u64) {
        if self.epoch != epoch {
            // The tasks of before end here.
            *self = Self {
                epoch,
                ..Self::default()
            };
        }
    }

    /// Forgets what lies before the first event of a batch: the checkpoint has passed it.
    pub(crate) fn begin_at(&mut self, first: Position) {
        self.first = Some(first);
        self.settled = self.settled.split_off(&first);
        self.tries = self.tries.split_off(&first);
    }

    pub(crate) fn load(&mut self, keys: Vec<String>) {
        self.parked.extend(keys);
        self.is_loaded = true;
    }

    pub(crate) fn is_settled(&self, position: Position) -> bool {
        self.settled.contains_key(&position)
    }

    pub(crate) fn settled(&self, position: Position) -> Option<&Settled> {
        self.settled.get(&position)
    }

    pub(crate) fn settle(&mut self, position: Position, settled: Settled) {
        self.tries.remove(&position);
        self.settled.insert(position, settled);
    }

    pub(crate) fn is_busy(&self, key: &str) -> bool {
        self.busy.contains(key)
    }

    pub(crate) fn busy(&self) -> usize {
        self.busy.len()
    }

    pub(crate) fn is_parked(&self, key: &str) -> bool {
        self.parked.contains(key)
    }

    pub(crate) fn has_parked(&self) -> bool {
        !self.parked.is_empty()
    }

    pub(crate) fn releasing(&self) -> usize {
        self.releasing.len()
    }

    pub(crate) fn tries(&self, position: Position) -> u32 {
        self.tries.get(&position).copied().unwrap_or_default()
    }

    /// Takes what stops the shard, unless it is an event before which another one is still to be
    /// delivered: `next` is the first of those.
    pub(crate) fn take_stop(&mut self, next: Option<Position>) -> Option<Stop> {
        match (self.halts_at(), next) {
            (Some(halts_at), Some(next)) if next < halts_at => None,
            _ => self.stop.take(),
        }
    }

    /// Returns the position at which the shard is about to halt.
    pub(crate) fn halts_at(&self) -> Option<Position> {
        match &self.stop {
            Some(Stop::Halt(halt)) => Some(halt.position),
            _ => None,
        }
    }

    /// Returns the first event of the last batch: what is before it is saved.
    pub(crate) fn first(&self) -> Option<Position> {
        self.first
    }

    /// Puts back what stops the shard.
    pub(crate) fn put_stop(&mut self, stop: Stop) {
        self.stop.get_or_insert(stop);
    }

    /// Takes note of an event that only a newer program knows.
    pub(crate) fn newer(&mut self, entity: &'static str) {
        self.put_stop(Stop::Newer { entity });
    }

    pub(crate) fn has_stop(&self) -> bool {
        self.stop.is_some()
    }

    /// Starts the delivery of an event.
    pub(crate) fn start(
        &mut self,
        key: String,
        event: Arc<SourceEvent>,
        tried: impl Future<Output = Tried> + Send + 'static,
    ) {
        self.busy.insert(key);
        self.tasks
            .spawn(async move { Ended::Tried(tried.await, event) });
    }

    /// Starts the tries of a key that was set aside, unless they are under way.
    pub(crate) fn start_release(
        &mut self,
        key: String,
        released: impl Future<Output = Released> + Send + 'static,
    ) {
        if self.releasing.insert(key) {
            self.tasks
                .spawn(async move { Ended::Released(released.await) });
        }
    }

    /// Waits for a task to end; without one, for ever.
    pub(crate) async fn ended(&mut self) {
        match self.tasks.join_next().await {
            Some(ended) => self.end(ended),
            None => std::future::pending().await,
        }
    }

    /// Takes note of all tasks that have ended.
    pub(crate) fn collect(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            self.end(ended);
        }
    }

    fn end(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        match ended {
            Ok(Ended::Tried(tried, event)) => self.end_of_try(tried, event),
            Ok(Ended::Released(Released { key, end })) => {
                self.releasing.remove(&key);
                self.emptied.insert(key);
                match end {
                    Ok(()) => (),
                    Err(Stop::Halt(halt)) => self.halt(halt),
                    Err(stop) => drop(self.stop.get_or_insert(stop)),
                }
            }
            // A handler's panic is caught in its task: this is one of ours, or the end of the runtime.
            Err(error) => {
                tracing::error!(%error, "a delivery was lost; the shard begins anew");
                self.stop.get_or_insert(Stop::Lost);
            }
        }
    }

    fn end_of_try(&mut self, tried: Tried, event: Arc<SourceEvent>) {
        self.busy.remove(&tried.key);
        match tried.end {
            End::Delivered => self.settle(tried.position, Settled::Done),
            End::Park(failed) => {
                self.parked.insert(tried.key.clone());
                let parked = Settled::Parked {
                    event,
                    key: tried.key,
                    failed: Some(failed),
                };
                self.settle(tried.position, parked);
            }
            End::Waits => {
                self.tries.insert(tried.position, tried.attempts);
            }
            End::Halt(halt) => self.halt(halt),
        }
    }

    /// Lets the shard halt once the work before it is saved.
    ///
    /// Of several such events the first one counts.
    pub(crate) fn halt(&mut self, halt: Halt) {
        match self.halts_at() {
            Some(halts_at) if halt.position < halts_at => self.stop = Some(Stop::Halt(halt)),
            _ => drop(self.stop.get_or_insert(Stop::Halt(halt))),
        }
    }

    /// Returns the keys that may have no event left that is set aside.
    pub(crate) fn emptied(&self) -> Vec<String> {
        let keys = self.emptied.iter();
        keys.filter(|key| !self.releasing.contains(*key))
            .cloned()
            .collect()
    }

    /// Lets the events of a key be delivered again, unless some of it are about to be set aside.
    pub(crate) fn free(&mut self, key: &str) {
        let mut settled = self.settled.values();
        let pending =
            |settled: &Settled| matches!(settled, Settled::Parked { key: of, .. } if of == key);
        if !settled.any(pending) {
            self.emptied.remove(key);
            self.parked.remove(key);
        }
    }

    /// Takes note that a key still has events that are set aside.
    pub(crate) fn still_parked(&mut self, key: &str) {
        self.emptied.remove(key);
    }
}
