//! Filters of searches for events and entities.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use serde_json::Value;
use uuid::Uuid;

use crate::store::contract::entity_cursor::{EntityCursor, EntityOrder};
use crate::{DataField, Generation, LogSeq, Seq};

/// Conditions on an entity, all of which hold: none at first.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntityConditions {
    pub(crate) ids: Option<Vec<Uuid>>,
    pub(crate) state: Option<StateSet>,
    pub(crate) state_contains: StateSet,
    pub(crate) state_excludes: StateSet,
    pub(crate) last_event_type: Option<EventIndex>,
    pub(crate) generation: Option<Generation>,
    pub(crate) times: Vec<(TimeCondition, DateTime<Utc>)>,
    pub(crate) fields: Vec<(&'static DataField, Value)>,
}

impl EntityConditions {
    /// Returns whether there is any condition.
    pub(crate) fn has_any(&self) -> bool {
        self.ids.is_some()
            || self.state.is_some()
            || !self.state_contains.is_empty()
            || !self.state_excludes.is_empty()
            || self.last_event_type.is_some()
            || self.generation.is_some()
            || !self.times.is_empty()
            || !self.fields.is_empty()
    }
}

/// Entities that a reader may read.
#[derive(Clone, Debug)]
pub(crate) enum EntityScope {
    /// All entities.
    All,
    /// Entities for which all conditions of one of these hold; none if there are none.
    Any(Vec<EntityConditions>),
}

/// Conditions, order and page of a search for entities.
#[derive(Clone, Debug)]
pub(crate) struct EntityFilter {
    pub(crate) conditions: EntityConditions,
    pub(crate) scope: EntityScope,
    pub(crate) order: EntityOrder,
    pub(crate) descending: bool,
    pub(crate) after: Option<EntityCursor>,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
    pub(crate) counted: bool,
    /// Whether the page must be as of now: never from a read replica.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(dead_code, reason = "SQLite has no replicas")
    )]
    pub(crate) current: bool,
}

/// Condition on a time of an entity, both ends included.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TimeCondition {
    CreatedFrom,
    CreatedUntil,
    UpdatedFrom,
    UpdatedUntil,
}

/// Conditions, order and page of a search for events.
#[derive(Clone, Debug)]
pub(crate) struct SearchFilter {
    pub(crate) scope: EntityScope,
    pub(crate) entity_id: Option<Uuid>,
    pub(crate) event_type: Option<EventIndex>,
    pub(crate) log_seq: Option<LogSeq>,
    pub(crate) min_log_seq: Option<LogSeq>,
    pub(crate) max_log_seq: Option<LogSeq>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) generation: Option<Generation>,
    pub(crate) order: Order,
    /// Event after which the page begins, in the order of the search.
    pub(crate) after: Option<EventPlace>,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
    /// Length of payloads, in bytes, with which the page ends before `limit`.
    pub(crate) max_bytes: u64,
    pub(crate) counted: bool,
}

/// Place of an event in every order of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventPlace {
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
    pub(crate) log_seq: LogSeq,
}

/// Order of a search for events; those of microcosm-eventsource, the Python library whose rules
/// these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    EntityThenNewest,
    Newest,
    Oldest,
}
