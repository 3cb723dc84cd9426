//! Rows of the append statements, and the result of each append.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::rows::HeadRow;
use crate::store::postgres::append::prepared::Prepared;
use crate::{Error, Generation, Seq};

/// Result of one append.
pub(crate) type Answer = Result<Verdict, Arc<sqlx::Error>>;

#[derive(Debug)]
pub(crate) enum Verdict {
    Stored(Stored),
    /// Refused at this head, or without one; nothing was stored.
    Refused(Option<Found>),
    /// Refused before it was sent: the entity is past the expected sequence.
    Passed(Seq),
    /// Repeat of a request whose key exists; nothing was stored.
    Repeated,
}

/// Part of a statement that stored the append.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Head that was found.
    pub(crate) head: Option<Found>,
    /// Index of the course that was taken.
    pub(crate) course: Option<usize>,
    /// Log sequences of the events of the part, in order.
    pub(crate) log_seqs: Arc<[i64]>,
    pub(crate) part: Arc<Prepared>,
    /// Range of the events of this append.
    pub(crate) steps: Range<usize>,
}

/// Head in the numbers of the database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) seq: i32,
    generation: i32,
    pub(crate) state: i64,
    last_event_type: i16,
    last_event_id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Found {
    /// Returns the head of a row; `None` if the row has none.
    fn of(row: &PgRow) -> Result<Option<Self>, sqlx::Error> {
        let Some(seq) = row.try_get("seq")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            seq,
            generation: row.try_get("version")?,
            state: row.try_get("state")?,
            last_event_type: row.try_get("last_event_type")?,
            last_event_id: row.try_get("last_event_id")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        }))
    }

    /// Converts to the head of the program; fails if the program lacks one of its event types.
    pub(crate) fn head_row(
        &self,
        entity_id: Uuid,
        context: &EntityContext,
    ) -> Result<HeadRow, Error> {
        let changed = || Error::RulesChanged {
            entity: context.names.entity(),
        };
        let EntityContext { codes, .. } = context;
        Ok(HeadRow {
            entity_id,
            // The tables hold only positive ones.
            seq: Seq::new(self.seq.unsigned_abs()),
            generation: Generation::new(self.generation.unsigned_abs()),
            state: codes.decode(self.state).ok_or_else(changed)?,
            last_event_type: codes.index(self.last_event_type).ok_or_else(changed)?,
            last_event_id: self.last_event_id,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Result of a statement for one part.
#[derive(Debug, Default)]
pub(crate) struct Returned {
    pub(crate) head: Option<Found>,
    pub(crate) course: Option<usize>,
    /// Log sequences of the events; empty if the part was refused.
    pub(crate) log_seqs: Vec<i64>,
    /// Whether another transaction has locked the head.
    pub(crate) busy: bool,
}

/// Returns the result of each part, in order, from the rows of the general statement.
pub(crate) fn returned(rows: Vec<PgRow>) -> Result<Vec<Returned>, sqlx::Error> {
    let mut parts: BTreeMap<i64, Returned> = BTreeMap::new();
    let mut codes: HashMap<Uuid, i64> = HashMap::new();
    let mut stored = Vec::new();
    for row in rows {
        let id: Uuid = row.try_get("id")?;
        match row.try_get::<Option<i64>, _>("number")? {
            Some(number) => {
                codes.insert(id, number);
                let course: Option<i32> = row.try_get("course")?;
                let returned = Returned {
                    head: Found::of(&row)?,
                    course: course.and_then(|course| usize::try_from(course).ok()),
                    log_seqs: Vec::new(),
                    busy: row.try_get("busy")?,
                };
                parts.insert(number, returned);
            }
            None => stored.push((id, row.try_get("clock")?)),
        }
    }
    // They were inserted in the order of each stream, and the clock counts insertions.
    stored.sort_unstable_by_key(|(_, log_seq)| *log_seq);
    for (id, log_seq) in stored {
        let part = codes.get(&id).and_then(|number| parts.get_mut(number));
        if let Some(part) = part {
            part.log_seqs.push(log_seq);
        }
    }
    Ok(parts.into_values().collect())
}

/// Returns the result of each entity from the rows of a statement for single events: the head that
/// was found, and the event if it was stored, in one row or in two.
pub(crate) fn by_entity(rows: &[PgRow]) -> Result<HashMap<Uuid, Returned>, sqlx::Error> {
    let mut entities: HashMap<Uuid, Returned> = HashMap::with_capacity(rows.len());
    for row in rows {
        let entity = entities.entry(row.try_get("id")?).or_default();
        if let Some(head) = Found::of(row)? {
            entity.head = Some(head);
        }
        if let Some(log_seq) = row.try_get("clock")? {
            entity.course = Some(0);
            entity.log_seqs.push(log_seq);
        }
    }
    Ok(entities)
}
