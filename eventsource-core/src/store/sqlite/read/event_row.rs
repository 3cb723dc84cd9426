//! Events from rows.

use eventsource_model::StateSet;
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{Decode, Row, Sqlite, Type};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::{EventRow, PayloadText};
use crate::store::contract::stream_range::PreviousEvent;
use crate::store::contract::unreadable_event::{UnreadableEvent, UnreadableReason};
use crate::{Generation, LogSeq, Metadata, Seq};

/// Returns the event of a row, with its payload as JSON text.
pub(crate) fn stored(row: &SqliteRow, context: &EntityContext) -> ReadRow<PayloadText> {
    let event = Place::of(row, context).and_then(|place| {
        let payload = value(row, "data").map(PayloadText)?;
        event(row, context, place, payload)
    });
    event.map_err(|reason| {
        let entity_id = id(row, "entity_id").unwrap_or_default();
        let mut unreadable = unreadable(row, context, entity_id, reason);
        unreadable.parent_id = parent_id(row).unwrap_or_default().map(Into::into);
        unreadable
    })
}

/// Returns the event of a row without its place in the stream, which the caller knows.
pub(crate) fn without_place<'r>(
    row: &'r SqliteRow,
    context: &EntityContext,
    entity_id: Uuid,
) -> ReadRow<&'r str> {
    let place = Place {
        entity_id,
        parent_id: None,
        prior_state: StateSet::EMPTY,
    };
    let event = value(row, "data").and_then(|payload| event(row, context, place, payload));
    event.map_err(|reason| unreadable(row, context, entity_id, reason))
}

/// Returns id and state of the event of a row, for the event after it.
pub(crate) fn previous(row: &SqliteRow, context: &EntityContext) -> PreviousEvent {
    PreviousEvent {
        event_id: id(row, "event_id").unwrap_or_default(),
        state: state(row, "state", context),
    }
}

/// Value of a column, or why it cannot be decoded.
type Decoded<T> = Result<T, UnreadableReason>;

/// Place of an event: its entity, with id and state of the event before it.
struct Place {
    entity_id: Uuid,
    parent_id: Option<Uuid>,
    prior_state: StateSet,
}

impl Place {
    fn of(row: &SqliteRow, context: &EntityContext) -> Decoded<Self> {
        Ok(Self {
            entity_id: id(row, "entity_id")?,
            parent_id: parent_id(row)?,
            prior_state: state(row, "prior_state", context)?,
        })
    }
}

/// Decodes an event with this place in its stream and this payload.
fn event<P>(
    row: &SqliteRow,
    context: &EntityContext,
    place: Place,
    payload: P,
) -> Decoded<EventRow<P>> {
    Ok(EventRow {
        event_id: id(row, "event_id")?,
        entity_id: place.entity_id,
        seq: Seq::new(count(row, "seq")?),
        log_seq: log_seq(row)?,
        parent_id: place.parent_id,
        event_type: context.codes.read_event_type(value(row, "event_type")?)?,
        prior_state: place.prior_state,
        state: state(row, "state", context)?,
        generation: Generation::new(count(row, "version")?),
        recorded_at: value(row, "recorded_at")?,
        payload,
        metadata: metadata(row)?,
    })
}

/// Returns what can be decoded of an event.
fn unreadable(
    row: &SqliteRow,
    context: &EntityContext,
    entity_id: Uuid,
    reason: UnreadableReason,
) -> Box<UnreadableEvent> {
    let code = value(row, "event_type");
    let event_type = code.and_then(|code| context.codes.read_event_type(code));
    let name = |index| context.rules.machine.name_of(index).to_owned();
    Box::new(UnreadableEvent {
        id: id(row, "event_id").unwrap_or_default().into(),
        entity: context.names.entity(),
        entity_id: entity_id.into(),
        formatted_entity_id: context.rules.id.format(entity_id.into()),
        seq: Seq::new(count(row, "seq").unwrap_or_default()),
        log_seq: log_seq(row).unwrap_or_default(),
        parent_id: None,
        event_type: event_type.ok().map(name),
        generation: Generation::new(count(row, "version").unwrap_or_default()),
        recorded_at: value(row, "recorded_at").unwrap_or_default(),
        metadata: metadata(row).unwrap_or_default(),
        reason,
        payload: value(row, "data").ok(),
        state: state(row, "state", context),
    })
}

fn value<'r, T>(row: &'r SqliteRow, column: &str) -> Decoded<T>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    let value = row.try_get(column);
    value.map_err(|error| UnreadableReason::column(column, error))
}

fn id(row: &SqliteRow, column: &str) -> Decoded<Uuid> {
    value::<Hyphenated>(row, column).map(Uuid::from)
}

fn parent_id(row: &SqliteRow) -> Decoded<Option<Uuid>> {
    let id: Option<Hyphenated> = value(row, "parent_id")?;
    Ok(id.map(Uuid::from))
}

/// Decodes a non-negative integer; a CHECK keeps others out of the tables.
fn count(row: &SqliteRow, column: &str) -> Decoded<u32> {
    value::<i32>(row, column).map(i32::unsigned_abs)
}

fn log_seq(row: &SqliteRow) -> Decoded<LogSeq> {
    value::<i64>(row, "clock").map(|clock| LogSeq::new(clock.unsigned_abs()))
}

fn state(row: &SqliteRow, column: &str, context: &EntityContext) -> Decoded<StateSet> {
    context.codes.read_state(value(row, column)?)
}

fn metadata(row: &SqliteRow) -> Decoded<Metadata> {
    value(row, "metadata").map(|Json(metadata)| metadata)
}
