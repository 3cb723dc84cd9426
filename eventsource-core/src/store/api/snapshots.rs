//! Snapshots of folds: encoding, loading, saving and deleting them.

use std::any::TypeId;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::snapshot::{fingerprint, is_name};
use crate::store::contract::driver::SnapshotDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::snapshot::{NewSnapshot, SaveOutcome, SnapshotAndTail, SnapshotKey};
use crate::store::contract::snapshot_state::SnapshotState;
use crate::store::contract::stream_range::StreamRange;
use crate::store::database::on_database;
use crate::{EntityId, Error, Event, EventStore, Snapshot};

/// Longest time that a read waits for its snapshot to be saved. Saving goes on after it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(1);

/// Codec of the values of a fold as snapshots.
pub(crate) struct SnapshotCodec<F> {
    name: &'static str,
    fingerprint: u64,
    every: u64,
    read: fn(&str) -> serde_json::Result<F>,
    write: fn(&F) -> serde_json::Result<String>,
}

impl<F> SnapshotCodec<F> {
    /// Returns the codec of `F`; its fingerprint is computed once.
    pub(crate) fn of<E: Event>(context: &EntityContext) -> Self
    where
        F: Snapshot<E>,
    {
        const {
            assert!(
                is_name(F::NAME),
                "the NAME of a `Snapshot` has 1 to 100 bytes, none of them 0"
            );
            assert!(F::EVERY > 0, "`EVERY` of a `Snapshot` is 1 or more");
        }
        let known = &context.snapshots.fingerprints;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            name: F::NAME,
            fingerprint: *known
                .entry(TypeId::of::<F>())
                .or_insert_with(fingerprint::<E, F>),
            every: F::EVERY.into(),
            read: |text| serde_json::from_str(text),
            write: |value| serde_json::to_string(value),
        }
    }

    /// Checks whether a new snapshot is due this many events after the last one.
    pub(crate) fn is_due(&self, events: u64) -> bool {
        events >= self.every
    }

    /// Decodes the value of a snapshot; `None`, with a warning, if it cannot be decoded.
    pub(crate) fn value(&self, context: &EntityContext, text: &str) -> Option<F> {
        let value = (self.read)(text);
        if let Err(error) = &value {
            let (entity, fold) = (context.names.entity(), self.name);
            log::warn!(
                "cannot decode a snapshot of '{fold}' of '{entity}', reading all events instead: {error}"
            );
        }
        value.ok()
    }

    fn key(&self, id: EntityId) -> SnapshotKey {
        SnapshotKey {
            entity_id: id.uuid(),
            fold: self.name,
            fingerprint: self.fingerprint,
        }
    }

    /// Loads a snapshot and the events after it; `None` if the database has no table of snapshots.
    pub(crate) async fn load<E: Event>(
        &self,
        events: &EventStore<E>,
        id: EntityId,
        range: StreamRange,
    ) -> Result<Option<SnapshotAndTail>, Error> {
        let context = &events.context;
        let absent = &context.snapshots.absent;
        if absent.is_on() {
            return Ok(None);
        }
        let tail = events.read_snapshot(self.key(id), range).await?;
        if tail.is_none() {
            let entity = context.names.entity();
            log::warn!(
                "the database has no snapshots of '{entity}' that this role may read: run `migrate` as the owner of the tables"
            );
            absent.begin();
        }
        Ok(tail)
    }

    /// Starts a task that saves a snapshot, unless snapshots cannot be saved now. Errors are only
    /// logged.
    pub(crate) fn save<E: Event>(
        &self,
        events: &EventStore<E>,
        value: &F,
        of: LastEvent,
    ) -> Option<JoinHandle<()>> {
        let EventStore { store, context, .. } = events;
        let SnapshotState {
            absent, forbidden, ..
        } = &context.snapshots;
        if absent.is_on() || forbidden.is_on() {
            return None;
        }
        let writers = Arc::clone(&context.snapshots.writers);
        let permit = writers.try_acquire_owned().ok()?;
        let (entity, fold) = (context.names.entity(), self.name);
        // A value that cannot be read back would be loaded in vain each time.
        let text = (self.write)(value).and_then(|text| (self.read)(&text).map(|_| text));
        let value = match text {
            Ok(text) => text,
            Err(error) => {
                log::warn!("cannot save the value of '{fold}' of '{entity}' as JSON: {error}");
                return None;
            }
        };
        let snapshot = NewSnapshot {
            key: self.key(of.entity_id),
            seq: of.seq,
            event_id: of.event_id,
            created_at: of.created_at,
            value,
        };
        let (store, context) = (store.clone(), Arc::clone(context));
        Some(tokio::spawn(async move {
            let saved = on_database!(&store.database, backend => {
                backend.save_snapshot(&context, &snapshot).await
            });
            match saved {
                Ok(SaveOutcome::Saved) => {}
                Ok(SaveOutcome::NotAllowed) => {
                    log::info!(
                        "this role may not save snapshots of '{entity}': folds read all events"
                    );
                    context.snapshots.forbidden.begin();
                }
                Err(error) => {
                    log::warn!("cannot save a snapshot of '{fold}' of '{entity}': {error}");
                }
            }
            drop(permit);
        }))
    }
}

/// Waits until the snapshot is saved, for [`WRITE_TIMEOUT`] at most.
pub(crate) async fn wait_until_written(writing: JoinHandle<()>) {
    let _ = tokio::time::timeout(WRITE_TIMEOUT, writing).await;
}

/// Last event that a fold has applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastEvent {
    pub(crate) entity_id: EntityId,
    pub(crate) seq: crate::Seq,
    pub(crate) event_id: uuid::Uuid,
    pub(crate) created_at: chrono::DateTime<chrono::Utc>,
}

impl<E: Event> EventStore<E> {
    /// Deletes the snapshots of `F` of all entities; returns their number. No data are lost: the next
    /// query reads all events again.
    ///
    /// Use it when values are wrong because [`Snapshot::VERSION`] was not raised, or to free the
    /// space of a fold that is no longer used.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Database`], also if the role may not delete them.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventStore, Snapshot};
    /// # async fn example<E: Event, Balance: Snapshot<E>>(accounts: EventStore<E>) -> Result<(), Error> {
    /// let deleted = accounts.forget_snapshots::<Balance>().await?;
    /// # let _ = deleted;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn forget_snapshots<F: Snapshot<E>>(&self) -> Result<u64, Error> {
        let names = &self.context.names;
        on_database!(&self.store.database, backend => {
            backend.forget_snapshots(names, F::NAME).await
        })
    }
}
