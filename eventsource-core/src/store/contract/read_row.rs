//! Rows of the log as a driver reads them: events, and those whose columns cannot all be decoded.

use std::ops::ControlFlow;

use uuid::Uuid;

use crate::Error;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::EventPlace;
use crate::store::contract::rows::{EventRow, PayloadText};
use crate::store::contract::unreadable_event::{UnreadableEvent, UnreadableReason};

/// Row of the log as a driver reads it: an event whose columns cannot all be decoded is unreadable.
pub(crate) type ReadRow<P> = Result<EventRow<P>, Box<UnreadableEvent>>;

/// Page of a search for events.
#[derive(Debug, Default)]
pub(crate) struct SearchPage {
    pub(crate) events: Vec<ReadRow<PayloadText>>,
    /// Whether the page ended by its bytes, before the limit.
    pub(crate) is_cut: bool,
    /// Number of all matches, if the filter asks for it.
    pub(crate) total: Option<u64>,
    /// Length of the payloads, in bytes.
    pub(crate) bytes: u64,
}

impl SearchPage {
    /// Adds the next event; breaks if it is too much for the page.
    pub(crate) fn push(&mut self, event: ReadRow<PayloadText>, max_bytes: u64) -> ControlFlow<()> {
        if !self.events.is_empty() && self.bytes >= max_bytes {
            self.is_cut = true;
            return ControlFlow::Break(());
        }
        self.bytes += payload_bytes(&event);
        self.events.push(event);
        ControlFlow::Continue(())
    }
}

impl UnreadableReason {
    /// Returns the error for a row that is no event: a head, or the answer to an append.
    pub(crate) fn of_other_row(self, context: &EntityContext) -> Error {
        match self {
            Self::UnknownEventType { .. } => Error::RulesChanged {
                entity: context.names.entity(),
            },
            reason => Error::database(reason.to_string()),
        }
    }
}

impl<P> EventRow<P> {
    /// Returns the event of this row as one that cannot be read.
    pub(crate) fn unreadable(
        self,
        context: &EntityContext,
        reason: UnreadableReason,
    ) -> Box<UnreadableEvent> {
        let name = context.rules.machine.name_of(self.event_type);
        Box::new(UnreadableEvent {
            id: self.event_id.into(),
            entity: context.names.entity(),
            entity_id: self.entity_id.into(),
            formatted_entity_id: context.rules.id.format(self.entity_id.into()),
            seq: self.seq,
            log_seq: self.log_seq,
            parent_id: self.parent_id.map(Into::into),
            event_type: Some(name.to_owned()),
            generation: self.generation,
            recorded_at: self.recorded_at,
            metadata: self.metadata,
            reason,
            payload: None,
            state: Ok(self.state),
        })
    }
}

/// Returns the id of the event of a row.
pub(crate) fn event_id<P>(row: &ReadRow<P>) -> Uuid {
    match row {
        Ok(row) => row.event_id,
        Err(unreadable) => unreadable.id.uuid(),
    }
}

/// Returns the place of the event of a row.
pub(crate) fn place<P>(row: &ReadRow<P>) -> EventPlace {
    match row {
        Ok(row) => EventPlace {
            entity_id: row.entity_id,
            seq: row.seq,
            log_seq: row.log_seq,
        },
        Err(unreadable) => EventPlace {
            entity_id: unreadable.entity_id.uuid(),
            seq: unreadable.seq,
            log_seq: unreadable.log_seq,
        },
    }
}

/// Returns the length of the payload of a row, in bytes; of an unreadable one nothing is kept.
pub(crate) fn payload_bytes(row: &ReadRow<PayloadText>) -> u64 {
    row.as_ref().map_or(0, |row| row.payload.0.len() as u64)
}

/// Sets the event before the one of a row.
pub(crate) fn set_parent<P>(row: &mut ReadRow<P>, parent_id: Option<Uuid>) {
    match row {
        Ok(row) => row.parent_id = parent_id,
        Err(unreadable) => unreadable.parent_id = parent_id.map(Into::into),
    }
}
