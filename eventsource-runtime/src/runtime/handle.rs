//! Runtime of a program: it runs subscriptions, and people act on them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::{Error, GenerationComparison, Position};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

#[cfg(feature = "metrics")]
use crate::admin::metrics;
use crate::admin::note::Note;
use crate::admin::operations;
use crate::admin::parked::{self, ParkedKey};
use crate::admin::readiness::Readiness;
use crate::admin::status::{SubscriptionStatus, status};
use crate::admin::verify::verify;
use crate::error::RuntimeError;
use crate::feed::tip::watch_tip;
use crate::inbox::Inbox;
use crate::schedule::{self, Schedule};
use crate::worker::settle::settle;
use crate::worker::shared::Shared;
use crate::worker::worker::{Worker, heartbeat};

/// Time in which what has begun is finished when the runtime stops.
const FINISH: Duration = Duration::from_secs(8);

/// Time after that in which the shards are given back.
const LEAVE: Duration = Duration::from_millis(1500);

/// Runtime: runs subscriptions on the events of a store.
///
/// Any number of processes may run the same runtime: they share the shards, and take over those of a
/// process that dies within seven seconds. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    pub(super) shared: Arc<Shared>,
    pub(super) inboxes: Arc<[Inbox]>,
    pub(super) schedules: Arc<[Schedule]>,
}

impl Runtime {
    /// Runs the subscriptions until `stop` completes; then ends within ten seconds, and leaves the shards
    /// to other processes.
    ///
    /// Batches, commands and schedules that have begun have eight seconds to finish. Those that have not
    /// are dropped, as if the process had died: what they have not committed is done again.
    ///
    /// While the database is unavailable it waits and tries again.
    pub async fn run_until(self, stop: impl Future<Output = ()>) {
        let worker = Uuid::now_v7();
        // Nothing new begins after the first; what is left of the old is dropped after the second.
        let (token, end) = (CancellationToken::new(), CancellationToken::new());
        // Ends with this call, also if that is dropped.
        let _stopped = token.clone().drop_guard();
        let mut beside = JoinSet::new();
        beside.spawn(heartbeat(self.shared.clone(), worker));
        let (shared, tip_stop) = (self.shared.clone(), token.clone());
        beside.spawn(async move {
            watch_tip(&shared.store, &shared.tip, tip_stop.cancelled()).await;
        });
        let mut working = JoinSet::new();
        working.spawn(Worker::new(self.shared.clone(), worker).run(token.clone(), end.clone()));
        for inbox in self.inboxes.iter() {
            let run = inbox.clone().run(token.clone());
            working.spawn(up_to(end.clone(), run));
        }
        for schedule in self.schedules.iter().cloned() {
            let store = self.shared.store.clone();
            let follow = schedule::follow(store, schedule, token.clone());
            working.spawn(up_to(end.clone(), follow));
        }
        stop.await;
        token.cancel();
        if timeout(FINISH, joined(&mut working)).await.is_err() {
            tracing::warn!("what has begun is not finished after {FINISH:?}, and is dropped");
            end.cancel();
            let _ = timeout(LEAVE, joined(&mut working)).await;
            working.shutdown().await;
        }
        beside.shutdown().await;
    }

    /// Runs all subscriptions, and the schedules that are due, in this task until nothing is left to do, for
    /// tests.
    ///
    /// # Errors
    /// [`RuntimeError::Halted`] if a subscription has halted, with the error of the event.
    pub async fn settle(&self) -> Result<(), RuntimeError> {
        loop {
            let mut ran = false;
            for inbox in self.inboxes.iter() {
                ran |= inbox.settle().await?;
            }
            settle(&self.shared).await?;
            for schedule in self.schedules.iter() {
                ran |= schedule::run_due(&self.shared.store, schedule).await?;
            }
            // What has run may have caused events, and subscriptions may have submitted more.
            if !ran {
                return Ok(());
            }
        }
    }

    /// Returns how far each subscription is, and what has stopped it.
    ///
    /// # Errors
    /// That of the store.
    pub async fn status(&self) -> Result<Vec<SubscriptionStatus>, Error> {
        status(&self.shared).await
    }

    /// Returns which subscriptions have halted or are paused, and how far they are behind, for a health
    /// endpoint.
    ///
    /// # Errors
    /// That of the store.
    pub async fn readiness(&self) -> Result<Readiness, Error> {
        Ok(Readiness::of(&self.status().await?))
    }

    /// Returns the state of the subscriptions in the text format that Prometheus reads:
    /// `eventsource_subscription_lag_events`, `_lag_seconds`, `_parked`, `_halted`, `_paused` and
    /// `_shards_owned`, as all processes see them.
    ///
    /// # Errors
    /// That of the store.
    #[cfg(feature = "metrics")]
    pub async fn metrics(&self) -> Result<String, Error> {
        Ok(metrics::text(&self.status().await?))
    }

    /// Pauses a subscription in all processes: batches that have begun are finished, then nothing more
    /// is done until [`resume`](Self::resume).
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], [`RuntimeError::Note`], [`RuntimeError::Store`]; nothing has changed then.
    pub async fn pause(&self, name: &str, note: Note) -> Result<(), RuntimeError> {
        operations::set_paused(&self.shared, name, true, &note).await
    }

    /// Resumes a subscription that was paused.
    ///
    /// # Errors
    /// As of [`pause`](Self::pause).
    pub async fn resume(&self, name: &str, note: Note) -> Result<(), RuntimeError> {
        operations::set_paused(&self.shared, name, false, &note).await
    }

    /// Lets a subscription that has halted try its event again.
    ///
    /// # Errors
    /// [`RuntimeError::NotHalted`], and as of [`pause`](Self::pause).
    pub async fn retry(&self, name: &str, note: Note) -> Result<(), RuntimeError> {
        operations::retry(&self.shared, name, &note).await
    }

    /// Builds a read model anew from the first event, beside the live one; readers move to it when it is
    /// level, and the old one is dropped a minute later. Whoever runs the runtime builds it.
    ///
    /// # Errors
    /// [`RuntimeError::NotAModel`]; [`RuntimeError::Building`] if one is being built; as of
    /// [`pause`](Self::pause).
    pub async fn rebuild(&self, name: &str, note: Note) -> Result<(), RuntimeError> {
        operations::rebuild(&self.shared, name, &note).await
    }

    /// Compares a read model with one that is built beside it from the first event, at the same position:
    /// each value of each row of its tables. The live one stays, and what was built is dropped.
    ///
    /// They differ where somebody has changed rows by SQL, or where the code was changed without a new
    /// version or depends on more than its events. It is built in this call. While the tables are compared
    /// the live one does not go on, in any process; it is read throughout.
    ///
    /// # Errors
    /// [`RuntimeError::NotAModel`]; [`RuntimeError::Halted`] if it cannot be built, such as at an event that was [skipped](Self::skip);
    /// [`RuntimeError::Building`] if there is none yet of the program's version; [`RuntimeError::Busy`];
    /// as of [`pause`](Self::pause).
    pub async fn verify(
        &self,
        name: &str,
        note: Note,
    ) -> Result<GenerationComparison, RuntimeError> {
        verify(&self.shared, name, &note).await
    }

    /// Ends a rebuild: what was built is dropped, and the live generation stays.
    ///
    /// # Errors
    /// [`RuntimeError::NotBuilding`], and as of [`pause`](Self::pause).
    pub async fn cancel_rebuild(&self, name: &str, note: Note) -> Result<(), RuntimeError> {
        operations::cancel_rebuild(&self.shared, name, &note).await
    }

    /// Passes over the event at which a subscription has halted, for good.
    ///
    /// # Errors
    /// [`RuntimeError::NotHalted`]; [`RuntimeError::HaltedElsewhere`] if it is another event; and as of
    /// [`pause`](Self::pause).
    pub async fn skip(
        &self,
        name: &str,
        position: Position,
        note: Note,
    ) -> Result<(), RuntimeError> {
        operations::skip(&self.shared, name, position, &note).await
    }

    /// Lists the keys that a handler or a process has set aside, in the order of their text: up to `most`,
    /// and 500, after the last key of the page before.
    ///
    /// # Errors
    /// [`RuntimeError::Unknown`], [`RuntimeError::Store`].
    pub async fn parked(
        &self,
        name: &str,
        after: Option<&str>,
        most: u16,
    ) -> Result<Vec<ParkedKey>, RuntimeError> {
        parked::page(&self.shared, name, after, most).await
    }

    /// Lets a key that is set aside be tried at once, and as often as at first; all of them without a
    /// `key`. Returns how many.
    ///
    /// # Errors
    /// [`RuntimeError::NotParked`], and as of [`pause`](Self::pause).
    pub async fn retry_parked(
        &self,
        name: &str,
        key: Option<&str>,
        note: Note,
    ) -> Result<u64, RuntimeError> {
        parked::retry(&self.shared, name, key, &note).await
    }

    /// Passes over the event with which a key waits, for good; the next event of the key is tried at once.
    ///
    /// `position` is that of the event, so that of two people who skip it only one does. A try that has
    /// begun is not ended by this.
    ///
    /// # Errors
    /// [`RuntimeError::NotParked`]; [`RuntimeError::ParkedElsewhere`] if the key waits with another event;
    /// and as of [`pause`](Self::pause).
    pub async fn skip_parked(
        &self,
        name: &str,
        key: &str,
        position: Position,
        note: Note,
    ) -> Result<(), RuntimeError> {
        parked::skip(&self.shared, name, key, position, &note).await
    }

    /// Delivers to a handler again, on purpose, what lies after a position; `Position::START` is before
    /// all events.
    ///
    /// The deliveries have the ids that they had, so that receivers can tell. Events after the position that
    /// are set aside or have halted a shard are delivered with the others. Read models have
    /// [`rebuild`](Self::rebuild) instead.
    ///
    /// # Errors
    /// [`RuntimeError::NotAHandler`]; [`RuntimeError::NotReached`] if the handler is not past the position;
    /// and as of [`pause`](Self::pause).
    pub async fn replay(
        &self,
        name: &str,
        after: Position,
        note: Note,
    ) -> Result<(), RuntimeError> {
        parked::replay(&self.shared, name, after, &note).await
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime")
            .field("subscriptions", &self.shared.subscriptions)
            .finish_non_exhaustive()
    }
}

/// Waits until all tasks have ended.
async fn joined(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// Does something, and drops what is left of it at the end.
async fn up_to(end: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => (),
        () = end.cancelled() => (),
    }
}
