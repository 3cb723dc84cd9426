//! Size of an event on disk, with indexes and heads.

use sqlx::{AssertSqlSafe, PgPool, Row};
use uuid::Uuid;

use crate::measure::Measured;
use crate::report::{Report, Table, Target, number};
use crate::sides::{Mire, Side};

/// Number of events of an entity.
pub const EACH: u32 = 3;

/// Query of the sizes of two tables: the tables themselves, their indexes and TOAST, and the
/// payloads within the rows.
const SIZES: &str = "WITH tables AS (
    SELECT oid FROM pg_class WHERE oid IN ('HEADS'::regclass, 'EVENTS'::regclass)
)
SELECT class.relname::text AS name, pg_relation_size(class.oid) AS bytes
FROM pg_class AS class
WHERE class.oid IN (SELECT oid FROM tables)
    OR class.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM tables))
UNION ALL SELECT 'all of it', sum(pg_total_relation_size(oid))::bigint FROM tables
UNION ALL SELECT 'the payload in a row', sum(pg_column_size(data))::bigint FROM EVENTS
ORDER BY 1";

/// Tables of a side, with the same events in them.
pub struct Stored<'a> {
    pub pool: &'a PgPool,
    pub heads: &'static str,
    pub events: &'static str,
    /// Number of entities.
    pub entities: u32,
}

/// Targets of the size on disk, as a part of that of microcosm's layout: with all indexes, and
/// without the one of the event ids.
const WANTED: f64 = 0.86;
const WANTED_WITHOUT: f64 = 0.72;

/// Measures the size of the same events on each side.
pub async fn run(report: &mut Report, ours: Stored<'_>, theirs: Stored<'_>, mire: Stored<'_>) {
    let (ours, theirs, mire) = (sizes(ours).await, sizes(theirs).await, sizes(mire).await);
    let (all, their_all) = (of(&ours, "all of it"), of(&theirs, "all of it"));
    let without = all - of(&ours, "ticket_event_event_id");
    report.target(Target {
        workload: "bytes an event with indexes",
        wanted: "at most 0.86 of microcosm's layout; 0.72 without the index of event ids",
        measured: format!(
            "{} of {} bytes: {}; without the index {}",
            number(all),
            number(their_all),
            number(all / their_all),
            number(without / their_all)
        ),
        met: all / their_all <= WANTED && without / their_all <= WANTED_WITHOUT,
    });
    let mut names: Vec<&String> = [&ours, &theirs, &mire]
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names.dedup();
    let rows = names.iter().map(|name| {
        let values = [&ours, &theirs, &mire].map(|sizes| Measured::known(vec![of(sizes, name)]));
        ((*name).clone(), values.to_vec())
    });
    report.table(Table {
        title: "Bytes an event",
        about: "Three events an entity. The payload is the same on all sides, but that mire's has the name \
             of the event too. Our indexes beside the primary keys are: `event_id`, that no entity has an \
             event twice, and how an event is found by its id (an option of the schema, on by default); \
             `by_xid`, how the feed finds what was committed late; `by_clock`, the order of searches and \
             exports.\n\n\
             The columns of a row are in an order that needs no padding. Metadata that is empty takes \
             3 bytes; as NULL, it would take 8 more for the row to say so. What would save: a key of \
             the event id alone, which cannot be had where the tables are split by the entity; states \
             of 4 bytes for machines of at most 31 event types, which would have to be rewritten when \
             there are more."
            .to_owned(),
        columns: ["eventsource", "microcosm's layout", "mire"]
            .map(str::to_owned)
            .into(),
        rows: rows.collect(),
        picture: None,
    });
}

/// Appends the events of this many entities to mire's tables, one entity after the other.
pub async fn fill_mire(mire: &Mire, entities: u32) {
    for _ in 0..entities {
        mire.append(Uuid::now_v7(), 0, EACH).await.unwrap();
    }
    sqlx::raw_sql("VACUUM ANALYZE es_streams, es_events")
        .execute(mire.pool())
        .await
        .unwrap();
}

/// Returns the bytes an event of each table and index.
async fn sizes(of: Stored<'_>) -> Vec<(String, f64)> {
    let select = SIZES
        .replace("HEADS", of.heads)
        .replace("EVENTS", of.events);
    let rows = sqlx::query(AssertSqlSafe(select))
        .fetch_all(of.pool)
        .await
        .unwrap();
    let events = f64::from(of.entities * EACH);
    let sized = rows
        .iter()
        .map(|row| (row.get("name"), row.get::<i64, _>("bytes") as f64 / events));
    sized.collect()
}

fn of(sizes: &[(String, f64)], name: &str) -> f64 {
    let found = sizes.iter().find(|(of, _)| of == name);
    found.map_or(f64::NAN, |(_, bytes)| *bytes)
}
