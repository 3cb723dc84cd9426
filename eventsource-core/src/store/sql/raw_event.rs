//! SQL of an event as it is stored, and the decoding of its row.
//!
//! The columns are texts and 64-bit integers, which both databases can return.

use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::store::contract::names::Names;
use crate::store::contract::raw_event::{RawEvent, RawEventKey};
use crate::store::sql::statements::EVENT_TYPES;

/// Selects an event; the parameters are the entity type, the id of the event or the entity, and the
/// sequence.
pub(crate) fn select(names: &Names, key: RawEventKey) -> String {
    let id = names.id_column();
    let condition = match key {
        RawEventKey::Id(_) => "e.event_id = $2".to_owned(),
        RawEventKey::Place(..) => format!("e.{id} = $2 AND e.seq = $3"),
    };
    format!(
        "SELECT CAST(e.event_id AS text) AS event_id, CAST(e.{id} AS text) AS entity_id,
    CAST(e.seq AS bigint) AS seq, CAST(e.clock AS bigint) AS clock,
    CAST(e.event_type AS bigint) AS event_type, n.name,
    CAST(e.prior_state AS bigint) AS prior_state, CAST(e.state AS bigint) AS state,
    CAST(e.version AS bigint) AS version, CAST(e.recorded_at AS text) AS recorded_at,
    CAST(e.data AS text) AS data, CAST(e.metadata AS text) AS metadata
FROM {log} AS e LEFT JOIN {types} AS n ON n.entity = $1 AND n.number = e.event_type
WHERE {condition}",
        log = names.log(),
        types = names.shared(EVENT_TYPES),
    )
}

/// Decodes a row of [`select`]; what is null is empty or 0.
pub(crate) fn decode<'r, R>(row: &'r R) -> Result<RawEvent, sqlx::Error>
where
    R: Row,
    for<'c> &'c str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |column: &str| row.try_get::<Option<String>, _>(column);
    let integer = |column: &str| {
        row.try_get::<Option<i64>, _>(column)
            .map(Option::unwrap_or_default)
    };
    Ok(RawEvent {
        id: text("event_id")?.unwrap_or_default(),
        entity_id: text("entity_id")?.unwrap_or_default(),
        seq: integer("seq")?,
        log_seq: integer("clock")?,
        event_type_code: integer("event_type")?,
        event_type: text("name")?,
        prior_state: integer("prior_state")?,
        state: integer("state")?,
        generation: integer("version")?,
        recorded_at: text("recorded_at")?.unwrap_or_default(),
        payload: text("data")?.unwrap_or_default(),
        metadata: text("metadata")?.unwrap_or_default(),
    })
}
