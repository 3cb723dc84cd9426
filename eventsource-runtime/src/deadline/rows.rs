//! Table of timers: when to look at which entity.

use chrono::{DateTime, Utc};
use eventsource_core::{Arg, ArgValue, Dialect, EntityId, Error, Seq, Transaction};

use crate::contract::stop::Stop;
use crate::subscription::shard::Shard;

/// Rows of a statement that writes several.
const ROWS: usize = 100;

/// Most entities that are looked at together.
pub(crate) const LIMIT: i64 = 256;

/// Timer that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimerRow {
    /// Position of the event type in the order of declaration.
    pub(crate) event: i16,
    /// Event since which it runs.
    pub(crate) since: Seq,
    /// Time at which to look at the entity.
    pub(crate) due_at: DateTime<Utc>,
}

/// Replaces all timers of these entities.
pub(crate) async fn replace(
    transaction: &mut Transaction<'static>,
    entity: &str,
    timers: &[(EntityId, Vec<TimerRow>)],
) -> Result<(), Error> {
    for part in timers.chunks(ROWS) {
        let mut values = vec![value(entity)];
        values.extend(part.iter().map(|(id, _)| value(*id)));
        let ids: Vec<String> = (2..=values.len()).map(|n| format!("${n}")).collect();
        let delete = format!(
            "DELETE FROM {{eventsource_deadline}} WHERE entity = $1 AND entity_id IN ({})",
            ids.join(", ")
        );
        transaction.execute(&delete, values).await?;
    }
    let rows = timers.iter();
    let rows: Vec<(EntityId, TimerRow)> = rows
        .flat_map(|(id, rows)| rows.iter().map(|row| (*id, *row)))
        .collect();
    for part in rows.chunks(ROWS) {
        let mut values = vec![value(entity)];
        let mut tuples = Vec::with_capacity(part.len());
        for (id, row) in part {
            let n = values.len() + 1;
            tuples.push(format!("(${n}, $1, ${}, ${}, ${})", n + 1, n + 2, n + 3));
            values.extend([
                value(*id),
                value(row.event),
                value(row.since),
                value(row.due_at),
            ]);
        }
        let insert = format!(
            "INSERT INTO {{eventsource_deadline}} (entity_id, entity, event_type, since_seq, due_at) VALUES {}",
            tuples.join(", ")
        );
        transaction.execute(&insert, values).await?;
    }
    Ok(())
}

fn value(value: impl Arg) -> ArgValue {
    Arg::value(Some(value))
}

/// Returns the entities of a shard whose time has come, the earliest first, each perhaps several times.
pub(crate) async fn due(
    shard: &Shard,
    entity: &str,
    now: DateTime<Utc>,
) -> Result<Vec<EntityId>, Stop> {
    let mut begun = shard.begin().await?;
    // The last four bits of the id, as `SourceEvent::shard_by_entity` takes them.
    let bits = match begun.transaction.dialect() {
        Dialect::Postgres => "get_byte(uuid_send(entity_id), 15)",
        _ => "instr('0123456789abcdef', substr(entity_id, 36, 1)) - 1",
    };
    let select = format!(
        "SELECT entity_id FROM {{eventsource_deadline}} \
         WHERE entity = $1 AND due_at <= $2 AND (({bits}) & $3) = $4 ORDER BY due_at LIMIT $5"
    );
    let (mask, id) = (shard.shards() - 1, shard.id().shard);
    let values = (entity, now, i32::from(mask), i32::from(id), LIMIT);
    let rows = begun.transaction.fetch(&select, values).await?;
    let ids = rows.iter().map(|row| row.get::<EntityId>(0));
    Ok(ids.collect::<Result<_, _>>()?)
}
