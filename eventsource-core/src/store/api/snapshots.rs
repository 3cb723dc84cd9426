//! Folds that go on where a snapshot ends, and the taking of snapshots.

use std::any::TypeId;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::snapshot::{fingerprint, is_name};
use crate::store::contract::driver::SnapshotDriver;
use crate::store::contract::entity_context::Table;
use crate::store::contract::snapshot::{Kept, SnapshotKey, Tail, Taken};
use crate::store::contract::snapshot_state::Snapshots;
use crate::store::contract::stream_range::Stretch;
use crate::store::database::on_database;
use crate::{EntityId, Error, Event, EventStore, Snapshot};

/// How long a read waits for its snapshot to be written. It is written all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// How values of a fold are kept.
pub(crate) struct Keeping<F> {
    name: &'static str,
    fingerprint: u64,
    every: u64,
    read: fn(&str) -> serde_json::Result<F>,
    write: fn(&F) -> serde_json::Result<String>,
}

impl<F> Keeping<F> {
    pub(crate) fn of<E: Event>(table: &Table) -> Self
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
        let known = &table.snapshots.fingerprints;
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
    pub(crate) fn value(&self, table: &Table, text: &str) -> Option<F> {
        let value = (self.read)(text);
        if let Err(error) = &value {
            let (entity, fold) = (table.names.entity(), self.name);
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
        stretch: Stretch,
    ) -> Result<Option<Tail>, Error> {
        let EventStore { store, table, .. } = events;
        let absent = &table.snapshots.absent;
        if absent.is_on() {
            return Ok(None);
        }
        let tail = on_database!(&store.database, backend => {
            backend.load_snapshot_and_tail(table, self.key(id), stretch).await
        })?;
        if tail.is_none() {
            let entity = table.names.entity();
            log::warn!(
                "there are no snapshots of '{entity}' to read: run `migrate` as the owner of its tables"
            );
            absent.begin();
        }
        Ok(tail)
    }

    /// Begins to keep the value of these events, unless it cannot be kept. Whatever gets in the way
    /// is told to the log alone.
    pub(crate) fn keep<E: Event>(
        &self,
        events: &EventStore<E>,
        value: &F,
        of: Last,
    ) -> Option<JoinHandle<()>> {
        let EventStore { store, table, .. } = events;
        let Snapshots {
            absent, forbidden, ..
        } = &table.snapshots;
        if absent.is_on() || forbidden.is_on() {
            return None;
        }
        let writers = Arc::clone(&table.snapshots.writers);
        let turn = writers.try_acquire_owned().ok()?;
        let (entity, fold) = (table.names.entity(), self.name);
        // What cannot be read back would be read in vain each time.
        let text = (self.write)(value).and_then(|text| (self.read)(&text).map(|_| text));
        let value = match text {
            Ok(text) => text,
            Err(error) => {
                log::warn!("what '{fold}' makes of '{entity}' cannot be kept as JSON: {error}");
                return None;
            }
        };
        let taken = Taken {
            key: self.key(of.entity_id),
            seq: of.seq,
            event_id: of.event_id,
            created_at: of.created_at,
            value,
        };
        let (store, table) = (store.clone(), Arc::clone(table));
        Some(tokio::spawn(async move {
            let kept = on_database!(&store.database, backend => {
                backend.save_snapshot(&table, &taken).await
            });
            match kept {
                Ok(Kept::Yes) => {}
                Ok(Kept::NotAllowed) => {
                    log::info!(
                        "this program may not keep snapshots of '{entity}', and goes without"
                    );
                    table.snapshots.forbidden.begin();
                }
                Err(error) => {
                    log::warn!("a snapshot of '{fold}' of '{entity}' was not kept: {error}")
                }
            }
            drop(turn);
        }))
    }
}

/// Waits until it is written, and not for long.
pub(crate) async fn written(writing: JoinHandle<()>) {
    let _ = tokio::time::timeout(PATIENCE, writing).await;
}

/// The last event of a fold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
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
        let names = &self.table.names;
        on_database!(&self.store.database, backend => {
            backend.forget_snapshots(names, F::NAME).await
        })
    }
}
