//! Rows of one generation of a view, as they are written.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::store::api::transaction::handle::Transaction;
use crate::store::api::view::event::ViewEvent;
use crate::store::api::view::rows::{self, RowsError};
use crate::store::api::view::sql::indexed;
use crate::store::api::view::value::{key_text, value, value_text};
use crate::store::contract::dialect::Dialect;
use crate::store::contract::names::quoted;
use crate::store::contract::tables::Tables;
use crate::store::contract::view_rows::ViewRows;
use crate::{Error, Position, View, shard_of_key};

/// Rows of one generation of a [`View`], as they are written: for programs that fill views
/// themselves.
///
/// The rows of all keys of a batch are read by one statement and written by one. They are the same
/// whatever the batches are.
///
/// ```
/// # mod example {
/// # use eventsource_core::{EntityId, Event, Keys, Reads, RecordedEvent, Store, View, ViewTable};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "light")]
/// # pub enum LightEvent {
/// #     #[event(terminal)]
/// #     Lit { room: String },
/// # }
/// #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
/// pub struct LitInRoom {
///     pub lights: u32,
/// }
///
/// impl View for LitInRoom {
///     const NAME: &'static str = "lit_in_room";
///     const VERSION: u32 = 1;
///     type Key = String;
/// }
///
/// impl Reads<LightEvent> for LitInRoom {
///     fn keys(event: &RecordedEvent<LightEvent>) -> Keys<String> {
///         let LightEvent::Lit { room } = &event.event;
///         room.clone().into()
///     }
///
///     fn apply(&mut self, _event: &RecordedEvent<LightEvent>) {
///         self.lights += 1;
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let lights = store.migrate::<LightEvent>().await?;
/// let event = LightEvent::Lit { room: "hall".into() };
/// let lit = lights.append(EntityId::new(), event).await?.events.remove(0);
///
/// let table = ViewTable::<LitInRoom>::generation(1);
/// let mut transaction = store.begin().await?;
/// transaction.execute_all(&ViewTable::<LitInRoom>::schema(&store.tables().of_generation(1))).await?;
/// table.apply(&mut transaction, &[(None, &lit)]).await?;
/// let rows = transaction.fetch("SELECT key FROM {lit_in_room__1}", ()).await?;
/// assert_eq!(rows[0].get::<String>(0)?, "hall");
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct ViewTable<V> {
    generation: u32,
    /// Shard, and number of shards.
    shard: Option<(u16, u16)>,
    is_shared: bool,
    view: PhantomData<fn() -> V>,
}

/// Value of a key in a batch.
struct Entry<V> {
    value: Option<V>,
    exists: bool,
    position: Position,
}

impl<V: View> ViewTable<V> {
    /// Returns the rows of a generation, for one writer at a time.
    #[must_use]
    pub fn generation(generation: u32) -> Self {
        Self {
            generation,
            shard: None,
            is_shared: false,
            view: PhantomData,
        }
    }

    /// Leaves all keys alone that [`shard_of_key`] gives to another shard.
    #[must_use]
    pub fn shard(mut self, shard: u16, shards: u16) -> Self {
        self.shard = Some((shard, shards));
        self
    }

    /// Lets several transactions write at once: they wait for each other where they have a key in
    /// common.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.is_shared = true;
        self
    }

    /// Returns the SQL that creates the table and its indexes.
    #[must_use]
    pub fn schema(tables: &Tables) -> String {
        let table = tables.name(V::NAME);
        let mut sql = match tables.dialect() {
            Dialect::Postgres => format!(
                "CREATE TABLE {table} (
    key text COLLATE \"C\" PRIMARY KEY,
    value jsonb NOT NULL,
    position bigint NOT NULL
);
"
            ),
            Dialect::Sqlite => format!(
                "CREATE TABLE {table} (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value)),
    position INTEGER NOT NULL
) STRICT;
"
            ),
        };
        for (number, field) in V::INDEXED.iter().enumerate() {
            let index = quoted(&tables.name_unquoted(&format!("{}_by_{number}", V::NAME)));
            // Rows with equal values are found in the order of their keys.
            let value = indexed(tables.dialect(), field);
            sql += &format!("CREATE INDEX {index} ON {table} ({value}, key);\n");
        }
        sql
    }

    /// Applies events of any of the machines that the view reads, in this order.
    ///
    /// Their positions are kept with the rows; an event that is just being appended has none yet.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if a key or a value cannot be stored, or the value is not what would be
    /// read back; [`Error::ModelNotMigrated`] if the generation has no table; [`Error::Unavailable`],
    /// [`Error::Database`].
    pub async fn apply(
        &self,
        transaction: &mut Transaction<'_>,
        events: &[(Option<Position>, &dyn ViewEvent<V>)],
    ) -> Result<(), Error> {
        let mut keyed = Vec::new();
        for (position, event) in events {
            for key in event.keys().iter() {
                let key = key_text::<V>(key)?;
                if self.has(&key) {
                    keyed.push((key, *position, *event));
                }
            }
        }
        // Once, unless others insert one of the keys meanwhile: these are read again then.
        while !keyed.is_empty() {
            let mut entries = self.load(transaction, &keyed).await?;
            for (key, position, event) in &keyed {
                let Some(entry) = entries.get_mut(key.as_str()) else {
                    continue;
                };
                let value = entry.value.get_or_insert_default();
                event.apply(value);
                if event.ends() {
                    entry.value = None;
                }
                entry.position = position.unwrap_or(Position::START);
            }
            let lost = self.store(transaction, &entries).await?;
            keyed.retain(|(key, ..)| lost.contains(key));
        }
        Ok(())
    }

    /// Checks whether a key belongs to the shard.
    fn has(&self, key: &str) -> bool {
        self.shard
            .is_none_or(|(shard, shards)| shard_of_key(key, shards) == shard)
    }

    /// Reads the values of all keys.
    async fn load(
        &self,
        transaction: &mut Transaction<'_>,
        keyed: &[(String, Option<Position>, &dyn ViewEvent<V>)],
    ) -> Result<BTreeMap<String, Entry<V>>, Error> {
        let nothing = || Entry {
            value: None,
            exists: false,
            position: Position::START,
        };
        let keys = keyed.iter().map(|(key, ..)| (key.clone(), nothing()));
        let mut entries: BTreeMap<String, Entry<V>> = keys.collect();
        let keys: Vec<String> = entries.keys().cloned().collect();
        let table = self.table(transaction);
        let loaded = rows::load(transaction, &table, &keys, self.is_shared).await;
        for (key, text) in loaded.map_err(Self::failed)? {
            if let Some(entry) = entries.get_mut(&key) {
                entry.value = Some(value(&text)?);
                entry.exists = true;
            }
        }
        Ok(entries)
    }

    /// Writes the values, and returns the keys that others have inserted since they were read.
    async fn store(
        &self,
        transaction: &mut Transaction<'_>,
        entries: &BTreeMap<String, Entry<V>>,
    ) -> Result<Vec<String>, Error> {
        let (mut written, mut new) = (ViewRows::default(), Vec::new());
        let mut ended = Vec::new();
        for (key, entry) in entries {
            let Some(value) = &entry.value else {
                if entry.exists {
                    ended.push(key.clone());
                }
                continue;
            };
            if !entry.exists {
                new.push(key.clone());
            }
            // No database of this crate has a position that does not fit.
            let position = i64::try_from(entry.position.get()).unwrap_or(i64::MAX);
            written.push(key, value_text(key, value)?, position);
        }
        let table = self.table(transaction);
        let lost = rows::store(transaction, &table, written, new, self.is_shared)
            .await
            .map_err(Self::failed)?;
        if !ended.is_empty() {
            let deleted = rows::delete(transaction, &table, &ended).await;
            deleted.map_err(Self::failed)?;
        }
        Ok(lost)
    }

    fn table(&self, transaction: &Transaction<'_>) -> String {
        let tables = transaction.tables().of_generation(self.generation);
        tables.name(V::NAME)
    }

    fn failed(error: RowsError) -> Error {
        match error {
            RowsError::NoTable(source) => Error::ModelNotMigrated {
                name: V::NAME.to_owned(),
                version: V::VERSION,
                source: Some(source),
            },
            RowsError::Other(error) => error,
        }
    }
}
