//! Call of the function for a batch: any number of requests.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row, SqlStr};
use uuid::Uuid;

use crate::store::postgres::append::answer::{Answer, RefusingHead, StoredEvent, undecodable};
use crate::store::postgres::append::arguments::Arguments;
use crate::store::postgres::ddl::append::outcomes::{BUSY, REFUSED, REPEATED};

/// Arguments of the call. Numbers of requests, entities and events count from 1.
#[derive(Debug, Default)]
pub(crate) struct BatchArguments<'a> {
    entity_ids: Vec<Option<Uuid>>,
    event_requests: Vec<i32>,
    event_entities: Vec<i32>,
    event_types: Vec<i16>,
    event_ids: Vec<Uuid>,
    expected_seqs: Vec<Option<i32>>,
    data: Vec<&'a str>,
    carried: Vec<Option<&'a str>>,
    metadata: Vec<&'a str>,
    idempotency_keys: Vec<Option<&'a str>>,
    /// Numbers of the entities of each request.
    entities: Vec<Vec<i32>>,
    waits: bool,
}

impl<'a> BatchArguments<'a> {
    /// Returns the arguments of these requests, in order; `waits`: whether for locked heads.
    pub(crate) fn of(requests: impl Iterator<Item = &'a Arguments>, waits: bool) -> Self {
        let mut batch = Self {
            waits,
            ..Self::default()
        };
        let mut known = HashMap::new();
        for request in requests {
            batch.push(request, &mut known);
        }
        batch
    }

    fn push(&mut self, request: &'a Arguments, known: &mut HashMap<Uuid, i32>) {
        self.metadata.push(request.metadata());
        self.idempotency_keys.push(request.idempotency_key());
        let number = index(self.metadata.len());
        let mut entities = Vec::with_capacity(request.entity_ids.len());
        for entity_id in &request.entity_ids {
            let next = index(self.entity_ids.len() + 1);
            let place = match entity_id {
                Some(entity_id) => *known.entry(*entity_id).or_insert(next),
                None => next,
            };
            if place == next {
                self.entity_ids.push(*entity_id);
            }
            entities.push(place);
        }
        for event in &request.events {
            self.event_requests.push(number);
            self.event_entities
                .extend(entities.get(event.entity).copied());
            self.event_types.push(event.event_type);
            self.event_ids.push(event.event_id);
            self.expected_seqs.push(event.expected_seq);
            self.data.push(request.data(event));
            self.carried.push(event.carried.as_deref());
        }
        self.entities.push(entities);
    }

    /// Returns the call.
    pub(crate) fn query(&self, sql: SqlStr) -> Query<'_, Postgres, PgArguments> {
        sqlx::query(sql)
            .bind(&self.entity_ids)
            .bind(&self.event_requests)
            .bind(&self.event_entities)
            .bind(&self.event_types)
            .bind(&self.event_ids)
            .bind(&self.expected_seqs)
            .bind(&self.data)
            .bind(&self.carried)
            .bind(&self.metadata)
            .bind(&self.idempotency_keys)
            .bind(self.waits)
    }

    /// Decodes the answer: one for each request.
    pub(crate) fn answers(&self, row: &PgRow) -> Result<Vec<Answer>, sqlx::Error> {
        let mut answers: Vec<Answer> = self
            .metadata
            .iter()
            .map(|_| Answer::Stored(Vec::new()))
            .collect();
        for (request, other) in self.others(row)? {
            *answers.get_mut(request).ok_or_else(undecodable)? = other;
        }
        let stored = Stored::of(row)?;
        for at in 0..stored.sources.len() {
            let (request, event) = stored.event(self, at).ok_or_else(undecodable)?;
            match answers.get_mut(request) {
                Some(Answer::Stored(events)) => events.push(event),
                _ => return Err(undecodable()),
            }
        }
        Ok(answers)
    }

    /// Decodes the answers to the requests that were not stored.
    fn others(&self, row: &PgRow) -> Result<Vec<(usize, Answer)>, sqlx::Error> {
        let requests: Option<Vec<i32>> = row.try_get("other_requests")?;
        let Some(requests) = requests else {
            return Ok(Vec::new());
        };
        let outcomes: Vec<i16> = row.try_get("other_outcomes")?;
        let places: Vec<i32> = row.try_get("other_places")?;
        let seqs: Vec<i32> = row.try_get("other_seqs")?;
        let versions: Vec<i32> = row.try_get("other_versions")?;
        let states: Vec<i64> = row.try_get("other_states")?;
        let other = |(at, request): (usize, &i32)| {
            let request = position(*request)?;
            let answer = match *outcomes.get(at)? {
                REFUSED => Answer::Refused(RefusingHead {
                    entity: self
                        .entities
                        .get(request)?
                        .iter()
                        .position(|place| Some(place) == places.get(at))?,
                    seq: *seqs.get(at)?,
                    version: *versions.get(at)?,
                    state: *states.get(at)?,
                }),
                BUSY => Answer::Busy,
                REPEATED => Answer::Repeated,
                _ => return None,
            };
            Some((request, answer))
        };
        let others = requests.iter().enumerate().map(other);
        others.collect::<Option<_>>().ok_or_else(undecodable)
    }
}

/// Columns of the events that a call has stored.
struct Stored {
    entity_ids: Vec<Option<Uuid>>,
    head_events: Vec<Option<Uuid>>,
    head_states: Vec<i64>,
    head_times: Vec<Option<DateTime<Utc>>>,
    stored_at: DateTime<Utc>,
    sources: Vec<i32>,
    befores: Vec<i32>,
    seqs: Vec<i32>,
    versions: Vec<i32>,
    states: Vec<i64>,
    clocks: Vec<i64>,
    auto_types: Vec<Option<i16>>,
    auto_steps: Vec<Option<i32>>,
    auto_data: Vec<Option<String>>,
}

impl Stored {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            entity_ids: row.try_get("entity_ids")?,
            head_events: row.try_get("head_events")?,
            head_states: row.try_get("head_states")?,
            head_times: row.try_get("head_times")?,
            stored_at: row.try_get("stored_at")?,
            sources: or_none(row.try_get("sources")?),
            befores: or_none(row.try_get("befores")?),
            seqs: or_none(row.try_get("seqs")?),
            versions: or_none(row.try_get("versions")?),
            states: or_none(row.try_get("states")?),
            clocks: or_none(row.try_get("clocks")?),
            auto_types: or_none(row.try_get("auto_types")?),
            auto_steps: or_none(row.try_get("auto_steps")?),
            auto_data: or_none(row.try_get("auto_data")?),
        })
    }

    /// Returns an event with the index of its request.
    fn event(&self, batch: &BatchArguments<'_>, at: usize) -> Option<(usize, StoredEvent)> {
        let source = position(*self.sources.get(at)?)?;
        let entity = position(*batch.event_entities.get(source)?)?;
        let before = position(*self.befores.get(at)?);
        let auto_type = self.auto_types.get(at).copied().flatten();
        let step = self.auto_steps.get(at).copied().flatten().unwrap_or(0);
        let head_time = self.head_times.get(entity).copied().flatten();
        let event = StoredEvent {
            entity_id: (*self.entity_ids.get(entity)?)?,
            event_id: self.event_id(batch, at)?,
            event_type: match auto_type {
                Some(auto_type) => auto_type,
                None => *batch.event_types.get(source)?,
            },
            seq: *self.seqs.get(at)?,
            version: *self.versions.get(at)?,
            prior_state: match before {
                Some(before) => *self.states.get(before)?,
                None => *self.head_states.get(entity)?,
            },
            state: *self.states.get(at)?,
            parent_id: match before {
                Some(before) => Some(self.event_id(batch, before)?),
                None => *self.head_events.get(entity)?,
            },
            recorded_at: head_time.map_or(self.stored_at, |time| time.max(self.stored_at)),
            clock: *self.clocks.get(at)?,
            auto_data: match step {
                0 => None,
                _ => Some(self.auto_data.get(at)?.clone()?),
            },
        };
        Some((position(*batch.event_requests.get(source)?)?, event))
    }

    /// Returns the id of an event; those of auto transitions count on from the one before them.
    fn event_id(&self, batch: &BatchArguments<'_>, at: usize) -> Option<Uuid> {
        let source = position(*self.sources.get(at)?)?;
        let step = self.auto_steps.get(at).copied().flatten().unwrap_or(0);
        let id = batch.event_ids.get(source)?.as_u128();
        Some(Uuid::from_u128(id.wrapping_add(step.unsigned_abs().into())))
    }
}

fn or_none<T>(array: Option<Vec<T>>) -> Vec<T> {
    array.unwrap_or_default()
}

/// Returns the number of an element as Postgres counts.
fn index(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Returns the index of the element with this number; `None` for 0.
fn position(number: i32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}
