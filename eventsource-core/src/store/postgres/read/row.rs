//! Heads from rows, and values as Postgres stores them.

use eventsource_model::{EventIndex, StateSet};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row};

use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::HeadRow;
use crate::store::postgres::errors::failed;
use crate::store::sql::search;
use crate::{Error, Generation, Seq};

/// Returns the head of a row.
pub(crate) fn head_row(row: &PgRow, context: &EntityContext) -> Result<HeadRow, Error> {
    Ok(HeadRow {
        entity_id: row.try_get("id").map_err(failed)?,
        seq: Seq::new(count(row, "seq")?),
        generation: Generation::new(count(row, "version")?),
        state: state(row.try_get("state").map_err(failed)?, context)?,
        last_event_type: event_type(row, "last_event_type", context)?,
        last_event_id: row.try_get("last_event_id").map_err(failed)?,
        created_at: row.try_get("created_at").map_err(failed)?,
        updated_at: row.try_get("updated_at").map_err(failed)?,
    })
}

/// Binds the point in time as the last parameter of a statement.
pub(crate) fn bind(
    query: Query<'_, Postgres, PgArguments>,
    as_of: AsOf,
) -> Query<'_, Postgres, PgArguments> {
    match as_of {
        AsOf::Seq(seq) => query.bind(i64::from(seq.get())),
        AsOf::LogSeq(log_seq) => query.bind(search::bigint(log_seq.get())),
        AsOf::Time(time) => query.bind(AsOf::bounded_time(time)),
    }
}

/// Returns a non-negative integer of a column.
pub(crate) fn count(row: &PgRow, column: &str) -> Result<u32, Error> {
    let value: i32 = row.try_get(column).map_err(failed)?;
    // A CHECK keeps negative ones out of the tables.
    Ok(value.unsigned_abs())
}

/// Returns the event type of a column.
pub(crate) fn event_type(
    row: &PgRow,
    column: &str,
    context: &EntityContext,
) -> Result<EventIndex, Error> {
    let code: i16 = row.try_get(column).map_err(failed)?;
    event_type_of(code, context)
}

/// Decodes the state of a head, or of the answer to an append.
pub(crate) fn state(stored: i64, context: &EntityContext) -> Result<StateSet, Error> {
    let state = context.codes.read_state(stored);
    state.map_err(|reason| reason.of_other_row(context))
}

/// Decodes the event type of a head, or of the answer to an append.
pub(crate) fn event_type_of(code: i16, context: &EntityContext) -> Result<EventIndex, Error> {
    let event_type = context.codes.read_event_type(code.into());
    event_type.map_err(|reason| reason.of_other_row(context))
}
