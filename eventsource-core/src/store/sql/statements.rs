//! Statements about heads, events, idempotency keys, counters and the feed.
//!
//! Identifiers are quoted by [`Names`]; every value is a parameter.

use crate::store::contract::as_of::AsOf;
use crate::store::contract::names::Names;

/// Table of registered machines.
pub(crate) const MACHINES: &str = "eventsource_machine";

/// Table of event type codes.
pub(crate) const EVENT_TYPES: &str = "eventsource_event_type";

/// Table of idempotency keys, each of one actor.
pub(crate) const KEYS: &str = "eventsource_idempotency_key";

/// Table of the idempotency keys of earlier versions, which have no actor.
pub(crate) const EARLIER_KEYS: &str = "eventsource_idempotency";

/// Table of the feed: one row for each position.
pub(crate) const FEED: &str = "eventsource_feed";

/// Table of the entity types in the feed, by number.
pub(crate) const FEED_ENTITIES: &str = "eventsource_feed_entity";

/// Table of the counters of entity ids.
pub(crate) const COUNTERS: &str = "eventsource_counter";

/// Table with the state of the sequencer.
#[cfg(feature = "postgres")]
pub(crate) const SEQUENCER: &str = "eventsource_sequencer";

/// Table of events that have no position yet, if the feed uses an outbox.
#[cfg(feature = "postgres")]
pub(crate) const OUTBOX: &str = "eventsource_outbox";

/// Function that gives events their positions.
#[cfg(feature = "postgres")]
pub(crate) const CATCH_UP: &str = "eventsource_catch_up";

/// Function that compares the feed of a restored database with the logs.
#[cfg(feature = "postgres")]
pub(crate) const RESYNC: &str = "eventsource_resync";

/// Database sequence that log sequences are drawn from.
#[cfg(feature = "postgres")]
pub(crate) const LOG_SEQ: &str = "eventsource_clock";

/// Returns the query whether the registered rules have unique fields.
pub(crate) fn select_has_unique(names: &Names) -> String {
    format!(
        "SELECT rules ->> 'unique' IS NOT NULL FROM {} WHERE entity = $1",
        names.shared(MACHINES)
    )
}

/// Selects the fingerprint of the registered rules.
pub(crate) fn select_machine(names: &Names) -> String {
    format!(
        "SELECT fingerprint FROM {} WHERE entity = $1",
        names.shared(MACHINES)
    )
}

/// Selects the event types with their codes.
pub(crate) fn select_event_types(names: &Names) -> String {
    format!(
        "SELECT name, number FROM {} WHERE entity = $1 ORDER BY number",
        names.shared(EVENT_TYPES)
    )
}

/// Inserts one event and returns its log sequence.
#[cfg(feature = "sqlite")]
pub(crate) fn insert_event(names: &Names) -> String {
    format!(
        "{}VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING clock",
        insert_events(names)
    )
}

/// Returns the beginning of a statement that inserts events, up to the values.
#[cfg(feature = "sqlite")]
pub(crate) fn insert_events(names: &Names) -> String {
    format!(
        "INSERT INTO {log} ({id}, seq, event_id, event_type, prior_state, state, prior_version,
    version, recorded_at, data, metadata)
",
        log = names.log(),
        id = names.id_column(),
    )
}

/// Counts the counters of an entity type: 1 if its ids are counted, otherwise 0.
pub(crate) fn select_counter(names: &Names) -> String {
    format!(
        "SELECT count(*) FROM {} WHERE entity = $1",
        names.shared(COUNTERS)
    )
}

/// Takes the next number, and locks the counter until the end of the transaction.
#[cfg(feature = "sqlite")]
pub(crate) fn take_number(names: &Names) -> String {
    format!(
        "UPDATE {} SET last = last + 1 WHERE entity = $1 RETURNING last",
        names.shared(COUNTERS)
    )
}

/// Advances the counter to this number, unless it is already there or beyond.
pub(crate) fn pass_number(names: &Names) -> String {
    format!(
        "UPDATE {} SET last = $2 WHERE entity = $1 AND last < $2",
        names.shared(COUNTERS)
    )
}

/// Selects the entity of an event.
#[cfg(feature = "postgres")]
pub(crate) fn select_entity_of(names: &Names) -> String {
    format!(
        "SELECT {} FROM {} WHERE event_id = $1",
        names.id_column(),
        names.log()
    )
}

/// Selects one head.
pub(crate) fn select_head(names: &Names) -> String {
    format!("{} WHERE id = $1", select_heads(names))
}

/// Returns the beginning of a statement that selects heads, up to the conditions.
pub(crate) fn select_heads(names: &Names) -> String {
    format!(
        "SELECT id, seq, version, state, last_event_type, last_event_id, created_at, updated_at
FROM {}",
        names.heads()
    )
}

/// Selects events for an export, without their parents.
pub(crate) fn select_log(names: &Names) -> String {
    format!(
        "SELECT e.{id} AS entity_id, CAST(NULL AS uuid) AS parent_id, e.prior_state, {COLUMNS}
FROM {log} AS e",
        log = names.log(),
        id = names.id_column(),
    )
}

/// Columns of an event `e` that need no other row; the decoder for Postgres relies on their order.
pub(crate) const COLUMNS: &str = "e.event_id, e.seq, e.clock, e.event_type, e.state, e.version, \
    e.recorded_at, e.data, e.metadata";

/// Returns the columns of an event `e`, with its parent: [`COLUMNS`], and the place in its stream before
/// them.
///
/// The parent is looked up by the whole primary key. In a join, a planner that takes an entity for a
/// short one looks up all events of it instead, for each of them.
pub(crate) fn event_columns(names: &Names) -> String {
    format!(
        "e.{id} AS entity_id,
    (SELECT p.event_id FROM {log} AS p WHERE p.{id} = e.{id} AND p.seq = e.seq - 1) AS parent_id,
    e.prior_state, {COLUMNS}",
        log = names.log(),
        id = names.id_column(),
    )
}

/// Returns the beginning of a statement that selects events, up to the conditions.
pub(crate) fn select_events(names: &Names) -> String {
    format!("SELECT {} FROM {} AS e", event_columns(names), names.log())
}

/// Selects an event by its id.
pub(crate) fn select_event(names: &Names) -> String {
    format!("{} WHERE e.event_id = $1", select_events(names))
}

/// Selects an event by entity and sequence.
pub(crate) fn select_event_at(names: &Names) -> String {
    format!(
        "{} WHERE e.{} = $1 AND e.seq = $2",
        select_events(names),
        names.id_column()
    )
}

/// Selects the events of an entity with ids in a range, which one append may have stored.
#[cfg(feature = "postgres")]
pub(crate) fn select_events_between(names: &Names) -> String {
    format!(
        "{} WHERE e.{} = $1 AND e.event_id BETWEEN $2 AND $3 ORDER BY e.seq",
        select_events(names),
        names.id_column()
    )
}

/// Selects a range of a stream, with the event before it.
///
/// Parent and prior state of each event are taken from the row before.
pub(crate) fn select_history(names: &Names, until: Option<AsOf>) -> String {
    let until = until.map_or_else(String::new, |as_of| {
        format!(" AND e.{} <= $4", column(as_of))
    });
    format!(
        "SELECT {COLUMNS} FROM {log} AS e WHERE e.{id} = $1 AND e.seq >= $2{until} ORDER BY e.seq LIMIT $3",
        log = names.log(),
        id = names.id_column(),
    )
}

/// Selects the head of an entity at a point in the past.
pub(crate) fn select_head_as_of(names: &Names, as_of: AsOf) -> String {
    format!(
        "SELECT e.{id} AS id, e.seq, e.version, e.state, e.event_type AS last_event_type,
    e.event_id AS last_event_id, f.recorded_at AS created_at, e.recorded_at AS updated_at
FROM {log} AS e JOIN {log} AS f ON f.{id} = e.{id} AND f.seq = 1
WHERE e.{id} = $1 AND e.{column} <= $2 ORDER BY e.seq DESC LIMIT 1",
        log = names.log(),
        id = names.id_column(),
        column = column(as_of),
    )
}

/// Returns the column of a point in the past; within an entity all three grow together.
pub(crate) fn column(as_of: AsOf) -> &'static str {
    match as_of {
        AsOf::Seq(_) => "seq",
        AsOf::LogSeq(_) => "clock",
        AsOf::Time(_) => "recorded_at",
    }
}

/// Selects the events of all entity types in a window of positions.
pub(crate) fn select_feed(names: &Names) -> String {
    format!(
        "SELECT f.position, n.entity, f.entity_id, f.seq, f.clock
FROM {feed} AS f JOIN {entities} AS n ON n.number = f.entity
WHERE f.position > $1 AND f.position <= $2 ORDER BY f.position LIMIT $3",
        feed = names.shared(FEED),
        entities = names.shared(FEED_ENTITIES),
    )
}
