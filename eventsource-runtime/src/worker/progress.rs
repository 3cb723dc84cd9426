//! Loop of a shard.

use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Feed, Position};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::contract::event::SourceEvent;
use crate::contract::stop::{Halt, Stop};
use crate::feed::window::{Readers, Window};
use crate::generation::subscriptions::Generation;
use crate::subscription::builder::Subscription;
use crate::subscription::shard::Shard;
use crate::tables::shards::{self, ShardRow};
use crate::worker::attempt::{Checkpoint, work};
use crate::worker::shared::Shared;
use crate::worker::trial::Trial;

/// Time between two calls of [`Consumer::tick`](crate::subscription::consumer::Consumer::tick).
const TICK: Duration = Duration::from_secs(1);

/// Positions without effects after which a checkpoint is saved all the same.
const UNSAVED_POSITIONS: u64 = 10_000;

/// Time after which a checkpoint that has moved without effects is saved, if events go on coming.
const UNSAVED_TIME: Duration = Duration::from_secs(10);

/// Time after which the checkpoint of a read model, whose readers may wait for it, is saved likewise.
const UNSAVED_TIME_OF_MODEL: Duration = Duration::from_millis(50);

/// First pause after a failure of the database; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest pause after a failure of the database.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How much longer than it has worked a generation that is being built rests, while others append.
const REST: u32 = 2;

/// Outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The checkpoint has moved.
    Done,
    /// There were events, and the consumer could not take them yet.
    Stuck,
    /// No events follow.
    Level,
}

/// Work on one shard.
pub(crate) struct ShardWork {
    shared: Arc<Shared>,
    subscription: Arc<Subscription>,
    readers: Arc<Readers>,
    shard: Shard,
    checkpoint: Checkpoint,
    /// Next window, and the position that it begins after.
    ahead: Option<(Position, Window)>,
    /// Care with the next events, if a worker died at them.
    trial: Option<Trial>,
    saved_at: Instant,
    ticked_at: Instant,
    is_building: bool,
    /// Last position of the store at the last step, and positions that the step has passed.
    pace: (Position, u64),
    /// Position at which it stops, as if the feed ended there.
    end: Option<Position>,
}

impl ShardWork {
    /// Creates the work on a shard that this worker owns, as its row says.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        generation: &Generation,
        row: &ShardRow,
        stop: CancellationToken,
    ) -> Self {
        let shard = Shard::new(
            row.id.clone(),
            generation.shards,
            row.epoch,
            shared.store.clone(),
            shared.connections.clone(),
            stop,
            shared.faults.clone(),
        );
        let subscription = generation.subscription.clone();
        let trial = Trial::of(row, subscription.batch);
        Self {
            readers: shared.readers(&subscription, generation.generation),
            shared: shared.clone(),
            subscription,
            shard,
            checkpoint: Checkpoint {
                saved: row.position,
                done: row.position,
            },
            trial,
            ahead: None,
            saved_at: Instant::now(),
            ticked_at: Instant::now(),
            is_building: generation.building,
            pace: (Position::START, 0),
            end: None,
        }
    }

    /// Sets the position at which the work stops, as if the feed ended there.
    pub(crate) fn end_at(&mut self, end: Position) {
        self.end = Some(end);
    }

    /// Works until told to stop, or until something ends the work; returns what.
    pub(crate) async fn run(mut self) -> Stop {
        let mut tip = self.shared.tip.subscribe();
        let mut pause = PAUSE;
        let stop = self.shard.stop().clone();
        while !stop.is_cancelled() {
            let stepped = match self.step_or_yield(&tip).await {
                Ok(Step::Level) => self.wait(&mut tip).await,
                Ok(Step::Stuck) => {
                    pause_unless(&stop, PAUSE).await;
                    Ok(())
                }
                Ok(Step::Done) if self.ticked_at.elapsed() >= TICK => self.tick().await,
                Ok(Step::Done) => Ok(()),
                Err(stop) => Err(stop),
            };
            match stepped {
                Ok(()) => pause = PAUSE,
                Err(Stop::Store(error)) => {
                    let subscription = &self.subscription.name;
                    tracing::warn!(subscription, %error, "the database failed; trying again");
                    pause_unless(&stop, pause).await;
                    pause = MAX_PAUSE.min(pause * 2);
                }
                Err(Stop::Halt(halt)) => match self.halt(&halt).await {
                    Err(Stop::Store(_)) => pause_unless(&stop, pause).await,
                    _ => return Stop::Halt(halt),
                },
                Err(stop) => return stop,
            }
        }
        if self.trial.is_some() {
            let (store, id, epoch) = (&self.shared.store, self.shard.id(), self.shard.epoch());
            // Whoever comes next must not take the end of this work for the end of the process.
            if let Err(error) = shards::forget_attempts(store, id, epoch).await {
                tracing::debug!(%error, "tries that were begun are still counted");
            }
        }
        if let Err(stop) = self.save().await {
            // The next owner passes over what had no effects once more.
            tracing::debug!(?stop, "a checkpoint without effects was not saved");
        }
        Stop::Lost
    }

    /// Notes in the row of the shard that it has halted.
    pub(crate) async fn halt(&mut self, halt: &Halt) -> Result<(), Stop> {
        let Halt {
            position,
            event_id,
            error,
        } = halt;
        tracing::error!(
            subscription = self.subscription.name,
            shard = self.shard.id().shard,
            %position, %event_id, error,
            "halted: nothing more is done until somebody calls `retry` or `skip`"
        );
        self.shard
            .halt(self.checkpoint.saved, self.checkpoint.done, halt)
            .await
    }

    /// Works on the next window. While others append, the shards of this process that are being built do
    /// so one at a time, and rest in between: appends go before a rebuild, as long as it gains on them.
    async fn step_or_yield(&mut self, tip: &watch::Receiver<Position>) -> Result<Step, Stop> {
        if !self.is_building {
            return self.step().await;
        }
        let before = self.checkpoint.done;
        let (last, passed) = self.pace;
        let end = *tip.borrow();
        let appended = Feed::distance(last, end);
        let step = if appended == 0 || appended > passed / 2 {
            self.step().await?
        } else {
            let shared = self.shared.clone();
            let _turn = shared.rebuilding.lock().await;
            let begun = Instant::now();
            let step = self.step().await?;
            pause_unless(self.shard.stop(), begun.elapsed() * REST).await;
            step
        };
        self.pace = (end, Feed::distance(before, self.checkpoint.done));
        Ok(step)
    }

    /// Works on the next window of the feed.
    pub(crate) async fn step(&mut self) -> Result<Step, Stop> {
        let after = self.checkpoint.done;
        let window = match self.ahead.take() {
            Some((from, window)) if from == after => window,
            _ => self.readers.window(after).await?,
        };
        let up_to = self.end.map_or(window.up_to, |end| window.up_to.min(end));
        if up_to <= after {
            return Ok(Step::Level);
        }
        let (id, shards) = (self.shard.id().shard, self.shard.shards());
        let consumer = &*self.subscription.consumer;
        let concerns = |event: &&Arc<SourceEvent>| {
            event.position <= up_to && consumer.concerns(event, id, shards)
        };
        let events: Vec<_> = window.events.iter().filter(concerns).cloned().collect();
        // The next window is read while this one is worked on.
        let readers = self.readers.clone();
        let ahead = readers.window(window.up_to);
        let (done, ahead) = tokio::join!(self.work_on(&events, up_to), ahead);
        let ahead = ahead.ok().filter(|ahead| ahead.up_to > window.up_to);
        self.ahead = ahead.map(|ahead| (window.up_to, ahead));
        self.shared.set_done(self.shard.id(), self.checkpoint.done);
        done?;
        self.save_now_and_then().await?;
        match self.checkpoint.done > after {
            true => Ok(Step::Done),
            false => Ok(Step::Stuck),
        }
    }

    /// Works on the events of a window that concern the shard, batch by batch.
    async fn work_on(
        &mut self,
        mut events: &[Arc<SourceEvent>],
        up_to: Position,
    ) -> Result<(), Stop> {
        if events.is_empty() {
            self.checkpoint.done = up_to;
        }
        let (shared, subscription) = (self.shared.clone(), self.subscription.clone());
        while !events.is_empty() {
            let trial = self.trial.as_ref().map(Trial::size);
            let size = trial.unwrap_or(subscription.batch).min(subscription.batch);
            let (batch, later) = events.split_at(size.min(events.len()));
            let end = match later.is_empty() {
                true => up_to,
                false => batch[batch.len() - 1].position,
            };
            let alone = match &mut self.trial {
                Some(trial) => {
                    let (id, epoch) = (self.shard.id(), self.shard.epoch());
                    let begun = trial.begin(&shared.store, &shared.alone, id, epoch, batch);
                    begun.await?
                }
                None => None,
            };
            let (shard, checkpoint) = (&self.shard, &mut self.checkpoint);
            work(&*subscription.consumer, shard, checkpoint, batch, end).await?;
            drop(alone);
            if self.checkpoint.done < end {
                // The consumer has done what it could; the rest comes in a later window.
                return Ok(());
            }
            if let Some(trial) = self.trial.take() {
                // Whoever comes next must not count the tries that went well.
                self.save().await?;
                self.trial = trial.succeeded(subscription.batch);
            }
            if self.checkpoint.saved == self.checkpoint.done {
                self.saved_at = Instant::now();
            }
            events = later;
        }
        Ok(())
    }

    /// Saves a checkpoint that has moved without effects far enough, or long ago.
    async fn save_now_and_then(&mut self) -> Result<(), Stop> {
        let Checkpoint { saved, done } = self.checkpoint;
        let unsaved = Feed::distance(saved, done);
        if self.is_building && unsaved > 0 {
            // Others wait for it to be level.
            return self.save().await;
        }
        if unsaved >= UNSAVED_POSITIONS
            || unsaved > 0 && self.saved_at.elapsed() >= self.unsaved_time()
        {
            self.save().await?;
        }
        Ok(())
    }

    /// Returns how long a checkpoint may have moved without being saved.
    fn unsaved_time(&self) -> Duration {
        match self.subscription.model {
            Some(_) => UNSAVED_TIME_OF_MODEL,
            None => UNSAVED_TIME,
        }
    }

    /// Saves the checkpoint, if it has moved.
    pub(crate) async fn save(&mut self) -> Result<(), Stop> {
        let Checkpoint { saved, done } = self.checkpoint;
        if done > saved {
            let begun = self.shard.begin().await?;
            self.shard.advance(begun, saved, done).await?;
            self.checkpoint.saved = done;
        }
        self.saved_at = Instant::now();
        Ok(())
    }

    /// Does what is due without events.
    pub(crate) async fn tick(&mut self) -> Result<(), Stop> {
        self.ticked_at = Instant::now();
        self.subscription.consumer.tick(&self.shard).await
    }

    /// Waits for the feed to grow, and does what is due meanwhile.
    async fn wait(&mut self, tip: &mut watch::Receiver<Position>) -> Result<(), Stop> {
        let after = self.checkpoint.done;
        self.shared.set_done(self.shard.id(), after);
        self.tick().await?;
        let is_saved = self.checkpoint.saved == after;
        let pause = match is_saved {
            true => TICK,
            false => TICK.min(self.unsaved_time()),
        };
        tokio::select! {
            _ = tip.wait_for(|tip| *tip > after) => (),
            () = sleep(pause) => (),
            () = self.shard.stop().cancelled() => (),
        }
        match is_saved {
            true => Ok(()),
            false => self.save_now_and_then().await,
        }
    }
}

/// Waits, unless the work is to stop.
async fn pause_unless(stop: &CancellationToken, pause: Duration) {
    tokio::select! {
        () = sleep(pause) => (),
        () = stop.cancelled() => (),
    }
}
