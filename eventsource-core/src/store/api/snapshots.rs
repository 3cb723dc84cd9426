//! Folds that go on where a snapshot ends, and the taking of snapshots.

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

/// How long a read waits for its snapshot to be written. It is written all the same.
const WRITE_TIMEOUT: Duration = Duration::from_secs(1);

/// How values of a fold are kept.
pub(crate) struct SnapshotCodec<F> {
    name: &'static str,
    fingerprint: u64,
    every: u64,
    read: fn(&str) -> serde_json::Result<F>,
    write: fn(&F) -> serde_json::Result<String>,
}

impl<F> SnapshotCodec<F> {
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

    /// Whether after so many events beyond the last snapshot the next one is taken.
    pub(crate) fn is_due(&self, events: u64) -> bool {
        events >= self.every
    }

    /// The value of a snapshot. One that cannot be read is none.
    pub(crate) fn value(&self, context: &EntityContext, text: &str) -> Option<F> {
        let value = (self.read)(text);
        if let Err(error) = &value {
            let (entity, fold) = (context.names.entity(), self.name);
            log::warn!(
                "a snapshot of '{fold}' of '{entity}' cannot be read, and is passed over: {error}"
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

    /// A stream from its snapshot on; `None` where there are no snapshots.
    pub(crate) async fn tail<E: Event>(
        &self,
        events: &EventStore<E>,
        id: EntityId,
        range: StreamRange,
    ) -> Result<Option<SnapshotAndTail>, Error> {
        let EventStore { store, context, .. } = events;
        let absent = &context.snapshots.absent;
        if absent.is_on() {
            return Ok(None);
        }
        let tail = on_database!(&store.database, backend => {
            backend.load_snapshot_and_tail(context, self.key(id), range).await
        })?;
        if tail.is_none() {
            let entity = context.names.entity();
            log::warn!(
                "there are no snapshots of '{entity}' to read: run `migrate` as the owner of its tables"
            );
            absent.begin();
        }
        Ok(tail)
    }

    /// Begins to keep the value of these events, unless it cannot be kept. Whatever gets in the way
    /// is told to the log alone.
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
        // What cannot be read back would be read in vain each time.
        let text = (self.write)(value).and_then(|text| (self.read)(&text).map(|_| text));
        let value = match text {
            Ok(text) => text,
            Err(error) => {
                log::warn!("what '{fold}' makes of '{entity}' cannot be kept as JSON: {error}");
                return None;
            }
        };
        let taken = NewSnapshot {
            key: self.key(of.entity_id),
            seq: of.seq,
            event_id: of.event_id,
            created_at: of.created_at,
            value,
        };
        let (store, context) = (store.clone(), Arc::clone(context));
        Some(tokio::spawn(async move {
            let saved = on_database!(&store.database, backend => {
                backend.save_snapshot(&context, &taken).await
            });
            match saved {
                Ok(SaveOutcome::Saved) => {}
                Ok(SaveOutcome::NotAllowed) => {
                    log::info!(
                        "this program may not keep snapshots of '{entity}', and goes without"
                    );
                    context.snapshots.forbidden.begin();
                }
                Err(error) => {
                    log::warn!("a snapshot of '{fold}' of '{entity}' was not kept: {error}")
                }
            }
            drop(permit);
        }))
    }
}

/// Waits until it is written, and not for long.
pub(crate) async fn written(writing: JoinHandle<()>) {
    let _ = tokio::time::timeout(WRITE_TIMEOUT, writing).await;
}

/// The last event of a fold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastEvent {
    pub(crate) entity_id: EntityId,
    pub(crate) seq: crate::Seq,
    pub(crate) event_id: uuid::Uuid,
    pub(crate) created_at: chrono::DateTime<chrono::Utc>,
}

impl<E: Event> EventStore<E> {
    /// Deletes the snapshots of `F`, of all entities, and tells how many there were. Nothing is
    /// lost: who asks for a value next reads all events again.
    ///
    /// For a value that turned out wrong because [`Snapshot::VERSION`] was not raised, and for the
    /// room that a fold takes which nobody asks for any more.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Database`] also if the program may not delete them.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventStore, Snapshot};
    /// # async fn example<E: Event, Balance: Snapshot<E>>(accounts: EventStore<E>) -> Result<(), Error> {
    /// let forgotten = accounts.forget_snapshots::<Balance>().await?;
    /// # let _ = forgotten;
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
