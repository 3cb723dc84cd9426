//! Generation that a program reads, and how far it is.

use serde_json::Value;

use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::tables::Tables;
use crate::{Error, Position, View, shard_of_key};

/// Generation that the program reads, with its shards.
pub(crate) struct Live {
    pub(crate) generation: u32,
    /// Whether each append writes it.
    pub(crate) is_inline: bool,
    /// Machines that it reads.
    reads: Vec<String>,
    shards: Vec<Shard>,
}

/// How far one shard is.
#[derive(Clone)]
struct Shard {
    number: u16,
    position: Position,
    is_building: bool,
    halted: Option<Value>,
}

/// Generations of the program's version, newest first, each with its shards.
const SELECT: &str = "SELECT s.kind, s.generation, s.reads, g.generation, h.shard, h.position,
    h.building, h.halted
FROM {eventsource_subscription} AS s
    JOIN {eventsource_generation} AS g ON g.subscription = s.name
    JOIN {eventsource_shard} AS h ON h.subscription = s.name AND h.generation = g.generation
WHERE s.name = $1 AND g.version = $2
ORDER BY CASE WHEN g.generation = s.generation THEN 0 ELSE 1 END, g.generation DESC, h.shard";

impl Live {
    /// Looks the generation up: the live one if it has the version of the program, else the last one
    /// of that version, which other programs of that version keep going.
    pub(crate) async fn find<V: View>(transaction: &mut Transaction<'_>) -> Result<Self, Error> {
        let version = i64::from(V::VERSION);
        let rows = transaction.fetch(SELECT, (V::NAME, version)).await?;
        let mut all: Vec<Self> = Vec::new();
        for row in &rows {
            let generation: i32 = row.get(3)?;
            let generation = generation.unsigned_abs();
            let number: i16 = row.get(4)?;
            let shard = Shard {
                number: number.unsigned_abs(),
                position: row.get(5)?,
                is_building: row.get(6)?,
                halted: row.get(7)?,
            };
            match all.last_mut() {
                Some(last) if last.generation == generation => last.shards.push(shard),
                _ => all.push(Self {
                    generation,
                    is_inline: row.get::<String>(0)? == "inline",
                    reads: machines(&row.get(2)?),
                    shards: vec![shard],
                }),
            }
        }
        if all.is_empty() {
            return Err(Error::ModelNotMigrated {
                name: V::NAME.to_owned(),
                version: V::VERSION,
                source: None,
            });
        }
        let ready = all.iter().position(|found| !found.is_building());
        Ok(all.swap_remove(ready.unwrap_or_default()))
    }

    /// Checks whether the generation is being built, so that it lacks rows.
    pub(crate) fn is_building(&self) -> bool {
        self.shards.iter().any(|shard| shard.is_building)
    }

    /// Leaves only the shard that can have this key; all of them for none.
    pub(crate) fn only(&mut self, key: Option<&str>) {
        let Some(key) = key else { return };
        let shards = u16::try_from(self.shards.len()).unwrap_or(u16::MAX);
        let number = shard_of_key(key, shards);
        self.shards.retain(|shard| shard.number == number);
    }

    /// Returns the position that all of the shards have reached.
    pub(crate) fn position(&self) -> Position {
        let positions = self.shards.iter().map(|shard| shard.position);
        positions.min().unwrap_or(Position::START)
    }

    /// Returns the error of the first shard that has halted before a position.
    pub(crate) fn halted<V: View>(&self, wanted: Position) -> Option<Error> {
        let mut shards = self.shards.iter();
        let shard = shards.find(|shard| shard.halted.is_some() && shard.position < wanted)?;
        let halted = shard.halted.as_ref()?;
        let text = |field: &str| halted.get(field).and_then(Value::as_str).unwrap_or("?");
        let (event, error) = (text("event_id"), text("error"));
        Some(Error::Halted {
            name: V::NAME.to_owned(),
            reason: format!("at event {event}, position {}: {error}", text("position")),
        })
    }

    /// Checks whether the rows have everything up to a position: either all shards have come so far,
    /// or no event that the model reads is in between.
    pub(crate) async fn has_reached(
        &self,
        transaction: &mut Transaction<'_>,
        wanted: Position,
    ) -> Result<bool, Error> {
        let from = self.position();
        if !self.is_inline && from >= wanted {
            return Ok(true);
        }
        // A replica may not have the last events, of which none could be found then.
        let last = "SELECT max(position) FROM {eventsource_feed}";
        let rows = transaction.fetch(last, ()).await?;
        let last: Option<Position> = rows.first().map(|row| row.get(0)).transpose()?.flatten();
        if last.unwrap_or(Position::START) < wanted {
            return Ok(false);
        }
        if self.is_inline {
            // Each append has written its rows itself.
            return Ok(!self.is_building());
        }
        let between = "SELECT 1 FROM {eventsource_feed} WHERE position > $1 AND position <= $2
    AND entity IN (SELECT number FROM {eventsource_feed_entity} AS machine
        WHERE machine.entity = $3) LIMIT 1";
        for machine in &self.reads {
            let args = (from, wanted, machine);
            if !transaction.fetch(between, args).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the table of the generation.
    pub(crate) fn table<V: View>(&self, tables: &Tables) -> String {
        tables.of_generation(self.generation).name(V::NAME)
    }
}

/// Returns the machines that a model reads.
fn machines(reads: &Value) -> Vec<String> {
    match reads {
        Value::Object(machines) => machines.keys().cloned().collect(),
        Value::Array(machines) => {
            let names = machines.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
