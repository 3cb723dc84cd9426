//! Answers of the append functions.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::postgres::types::PgRecordDecoder;
use sqlx::{Decode, Postgres, Row, Type};
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::AppendedRow;
use crate::store::contract::rows::{EventRow, PayloadText};
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::ddl::append::outcomes::{
    AUTO_FOLLOWS, BUSY, REFUSED, REPEATED, STORED,
};
use crate::store::postgres::read::row;
use crate::{Error, Generation, LogSeq, Metadata, Seq};

/// Answer to one request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Stored events, in the order of the request, each followed by its auto transitions.
    Stored(Vec<StoredEvent>),
    /// Head that the rules, or the expected sequence, refuse.
    Refused(RefusingHead),
    /// Head that another transaction has locked, or is creating.
    Busy,
    /// Idempotency key, or first event, that is stored already.
    Repeated,
    /// Event that the function for one cannot store, because an auto transition follows.
    AutoFollows,
}

/// Event that a call has stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredEvent {
    pub(crate) entity_id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: i16,
    pub(crate) seq: i32,
    pub(crate) version: i32,
    pub(crate) prior_state: i64,
    pub(crate) state: i64,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) clock: i64,
    /// Payload of an auto transition; `None` for an event of the request.
    pub(crate) auto_data: Option<String>,
}

/// Head that a request does not fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefusingHead {
    /// Index of the entity in the request.
    pub(crate) entity: usize,
    /// Sequence of the entity; 0 if it has no events.
    pub(crate) seq: i32,
    pub(crate) version: i32,
    pub(crate) state: i64,
}

impl StoredEvent {
    /// Returns the row of the log.
    pub(crate) fn row(
        self,
        context: &EntityContext,
        metadata: Metadata,
    ) -> Result<AppendedRow, Error> {
        Ok(EventRow {
            event_id: self.event_id,
            entity_id: self.entity_id,
            seq: Seq::new(self.seq.unsigned_abs()),
            log_seq: LogSeq::new(self.clock.unsigned_abs()),
            parent_id: self.parent_id,
            event_type: row::event_type_of(self.event_type, context)?,
            prior_state: row::state(self.prior_state, context)?,
            state: row::state(self.state, context)?,
            generation: Generation::new(self.version.unsigned_abs()),
            recorded_at: self.recorded_at,
            payload: self.auto_data.map(PayloadText),
            metadata,
        })
    }
}

/// Decodes the answer of the function for one event: one record, since a row of columns would be
/// copied once more in the server.
pub(crate) fn one(arguments: &Arguments, row: &PgRow) -> Result<Answer, sqlx::Error> {
    let (entity_id, event) = arguments.only_event().ok_or_else(undecodable)?;
    let mut record = PgRecordDecoder::new(row.try_get_raw(0)?).map_err(sqlx::Error::Decode)?;
    let outcome: i16 = next(&mut record)?;
    let seq = next(&mut record)?;
    let version = next(&mut record)?;
    let prior_state = next(&mut record)?;
    Ok(match outcome {
        STORED => Answer::Stored(vec![StoredEvent {
            entity_id,
            event_id: event.event_id,
            event_type: event.event_type,
            seq,
            version,
            prior_state,
            state: next(&mut record)?,
            parent_id: next(&mut record)?,
            recorded_at: next(&mut record)?,
            clock: next(&mut record)?,
            auto_data: None,
        }]),
        REFUSED => Answer::Refused(RefusingHead {
            entity: 0,
            seq,
            version,
            state: prior_state,
        }),
        BUSY => Answer::Busy,
        REPEATED => Answer::Repeated,
        AUTO_FOLLOWS => Answer::AutoFollows,
        _ => return Err(undecodable()),
    })
}

/// Decodes the next field of a record.
fn next<'r, T>(record: &mut PgRecordDecoder<'r>) -> Result<T, sqlx::Error>
where
    T: for<'a> Decode<'a, Postgres> + Type<Postgres>,
{
    record.try_decode().map_err(sqlx::Error::Decode)
}

/// Creates the error of an answer that the functions do not give.
pub(crate) fn undecodable() -> sqlx::Error {
    sqlx::Error::Decode("an append function has answered what this program does not know".into())
}
