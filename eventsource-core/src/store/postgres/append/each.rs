//! Call of the function for one event of each of several entities.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row, SqlStr};
use uuid::Uuid;

use crate::store::postgres::append::answer::{Answer, RefusingHead, StoredEvent, undecodable};
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::ddl::append::outcomes::{AUTO_FOLLOWS, BUSY, REFUSED, STORED};

/// Arguments of the call: arrays with one element for each request.
#[derive(Debug)]
pub(crate) struct EachArguments<'a> {
    entity_ids: Vec<Uuid>,
    event_types: Vec<i16>,
    event_ids: Vec<Uuid>,
    expected_seqs: Vec<Option<i32>>,
    data: Vec<&'a str>,
    metadata: Vec<&'a str>,
}

impl<'a> EachArguments<'a> {
    /// Returns the arguments of these requests; `None` unless each has one event of an entity of its
    /// own, and no idempotency key.
    pub(crate) fn of(requests: impl ExactSizeIterator<Item = &'a Arguments>) -> Option<Self> {
        let count = requests.len();
        let mut each = Self {
            entity_ids: Vec::with_capacity(count),
            event_types: Vec::with_capacity(count),
            event_ids: Vec::with_capacity(count),
            expected_seqs: Vec::with_capacity(count),
            data: Vec::with_capacity(count),
            metadata: Vec::with_capacity(count),
        };
        let mut known = HashSet::with_capacity(count);
        for request in requests {
            let (entity_id, event) = request.only_event()?;
            if request.idempotency_key().is_some() || !known.insert(entity_id) {
                return None;
            }
            each.entity_ids.push(entity_id);
            each.event_types.push(event.event_type);
            each.event_ids.push(event.event_id);
            each.expected_seqs.push(event.expected_seq);
            each.data.push(request.data(event));
            each.metadata.push(request.metadata());
        }
        Some(each)
    }

    /// Returns the call.
    pub(crate) fn query(&self, sql: SqlStr) -> Query<'_, Postgres, PgArguments> {
        sqlx::query(sql)
            .bind(&self.entity_ids)
            .bind(&self.event_types)
            .bind(&self.event_ids)
            .bind(&self.expected_seqs)
            .bind(&self.data)
            .bind(&self.metadata)
    }

    /// Decodes the answer: one for each request.
    pub(crate) fn answers(&self, row: &PgRow) -> Result<Vec<Answer>, sqlx::Error> {
        let columns = Columns::of(row)?;
        let answer = |at| self.answer(&columns, at).ok_or_else(undecodable);
        (0..self.entity_ids.len()).map(answer).collect()
    }

    fn answer(&self, columns: &Columns, at: usize) -> Option<Answer> {
        let seq = *columns.seqs.get(at)?;
        let version = *columns.versions.get(at)?;
        let prior_state = *columns.prior_states.get(at)?;
        Some(match *columns.outcomes.get(at)? {
            STORED => Answer::Stored(vec![StoredEvent {
                entity_id: *self.entity_ids.get(at)?,
                event_id: *self.event_ids.get(at)?,
                event_type: *self.event_types.get(at)?,
                seq: seq.checked_add(1)?,
                version,
                prior_state,
                state: (*columns.states.get(at)?)?,
                parent_id: *columns.parent_ids.get(at)?,
                recorded_at: *columns.recorded_ats.get(at)?,
                clock: (*columns.clocks.get(at)?)?,
                auto_data: None,
            }]),
            REFUSED => Answer::Refused(RefusingHead {
                entity: 0,
                seq,
                version,
                state: prior_state,
            }),
            BUSY => Answer::Busy,
            AUTO_FOLLOWS => Answer::AutoFollows,
            _ => return None,
        })
    }
}

/// Columns of the answer. Sequences are those before the events; a version is that of the event if it
/// was stored, and that of the head if not.
struct Columns {
    outcomes: Vec<i16>,
    seqs: Vec<i32>,
    versions: Vec<i32>,
    prior_states: Vec<i64>,
    states: Vec<Option<i64>>,
    parent_ids: Vec<Option<Uuid>>,
    recorded_ats: Vec<DateTime<Utc>>,
    clocks: Vec<Option<i64>>,
}

impl Columns {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            outcomes: row.try_get(0)?,
            seqs: row.try_get(1)?,
            versions: row.try_get(2)?,
            prior_states: row.try_get(3)?,
            states: row.try_get(4)?,
            parent_ids: row.try_get(5)?,
            recorded_ats: row.try_get(6)?,
            clocks: row.try_get(7)?,
        })
    }
}
