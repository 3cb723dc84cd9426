//! Events in memory, under the rules of the machine, for tests without a database.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::store::api::append_event::request_event;
use crate::store::api::decode::stored;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::{EventIds, RequestPart};
use crate::store::contract::rows::HeadRow;
use crate::store::rules::payload_rules::payload_rules;
use crate::store::rules::plan::plan;
use crate::{EntityId, Error, Event, LogSeq, Metadata, RecordedEvent};

/// Events of one machine, as a store would have recorded them.
pub(super) struct TestLog<E> {
    rules: PlanRules,
    heads: HashMap<Uuid, HeadRow>,
    log_seq: u64,
    /// Time at which the next event is recorded.
    pub(super) now: DateTime<Utc>,
    event: std::marker::PhantomData<fn() -> E>,
}

impl<E: Event> TestLog<E> {
    /// Begins a log without events, at the beginning of the year 2000.
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            rules: payload_rules::<E>()?,
            heads: HashMap::new(),
            log_seq: 0,
            now: DateTime::UNIX_EPOCH + TimeDelta::days(10_957),
            event: std::marker::PhantomData,
        })
    }

    /// Records events of an entity, each a second after the one before, with their auto transitions.
    pub(super) fn append(
        &mut self,
        id: EntityId,
        events: &[E],
    ) -> Result<Vec<RecordedEvent<E>>, Error> {
        let mut recorded = Vec::with_capacity(events.len());
        for event in events {
            let head = self.heads.get(&id.uuid());
            let part = RequestPart {
                entity_id: id.uuid(),
                creates: head.is_none(),
                expected: None,
                first_event_id: EventIds::first(),
                events: vec![request_event(&self.rules, event)?.0],
            };
            let planned = plan(&self.rules, head, &part, &Metadata::default(), self.now)?;
            let mut created_at = head.map(|head| head.created_at);
            let mut next = None;
            for mut row in planned.rows {
                self.log_seq += 1;
                row.log_seq = LogSeq::new(self.log_seq);
                next = Some(HeadRow {
                    entity_id: row.entity_id,
                    seq: row.seq,
                    generation: row.generation,
                    state: row.state,
                    last_event_type: row.event_type,
                    last_event_id: row.event_id,
                    created_at: *created_at.get_or_insert(row.recorded_at),
                    updated_at: row.recorded_at,
                });
                recorded.push(stored(row)?);
            }
            self.heads.extend(next.map(|head| (id.uuid(), head)));
            self.now += TimeDelta::seconds(1);
        }
        Ok(recorded)
    }
}
