//! Validation of the events of an import, by the rules of an append.

use std::collections::{HashMap, HashSet};

use eventsource_model::EventIndex;
use uuid::Uuid;

use crate::payload::scan::Field;
use crate::store::contract::as_of::AsOf;
use crate::store::contract::bulk::{ValidatedBatch, ValidatedRow};
use crate::store::contract::exported_event::ExportedEvent;
use crate::store::contract::import_violation::{IllegalEvent, ImportViolation};
use crate::store::contract::invalid_input::InputProblem;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::rows::HeadRow;
use crate::store::contract::text_checks::{
    UnreadablePayload, check_imported_metadata, check_payload,
};
use crate::store::rules::import::batch::{ImportBatch, ReadRow};
use crate::store::rules::import::heads::Heads;
use crate::store::rules::plan::missing_field;
use crate::{EntityId, Error, EventId, Generation, Seq, id_format};

/// Checks an event as far as possible without the head of its entity.
///
/// `needs_identity` requires event id and sequence, by which a resumed import recognizes the event.
pub(crate) fn read(
    rules: &PlanRules,
    number: u64,
    event: ExportedEvent,
    needs_identity: bool,
) -> Result<Result<ReadRow, IllegalEvent>, Error> {
    let entity_id = event.entity_id;
    let illegal = |reason| {
        Ok(Err(IllegalEvent {
            number,
            entity_id: Some(entity_id),
            reason,
        }))
    };
    if needs_identity && event.event_id.is_none() {
        return illegal(ImportViolation::MissingImportIdentity { field: "event_id" });
    }
    if needs_identity && event.seq.is_none() {
        return illegal(ImportViolation::MissingImportIdentity { field: "seq" });
    }
    if rules.id.is_counter() && id_format::number(entity_id).is_none() {
        return illegal(ImportViolation::IdNotFromCounter);
    }
    let Some(event_type) = rules.machine.index_of(&event.event_type) else {
        let name = event.event_type;
        return illegal(ImportViolation::UnknownEventType { name });
    };
    let data = match stored_text(rules, event_type, event.data.as_str()) {
        Ok(data) => data,
        Err(reason) => return illegal(reason),
    };
    if let Err(invalid) = check_imported_metadata(&event.metadata) {
        return illegal(ImportViolation::InvalidText(invalid));
    }
    let metadata = serde_json::to_string(&event.metadata)
        .map_err(|error| Error::database(error.to_string()))?;
    let Some(recorded_at) = AsOf::stored_time(event.recorded_at) else {
        let recorded_at = event.recorded_at;
        return illegal(ImportViolation::TimestampOutOfRange { recorded_at });
    };
    Ok(Ok(ReadRow {
        number,
        entity_id: entity_id.uuid(),
        given_seq: event.seq,
        event_id: event.event_id.unwrap_or_else(EventId::new).uuid(),
        event_type,
        recorded_at,
        data,
        metadata,
    }))
}

/// Returns the text that is stored for a payload: the one that was given, unless it has a number that
/// not every reader reads, such as 1e20 that another program has written as an integer.
fn stored_text(
    rules: &PlanRules,
    event_type: EventIndex,
    given: &str,
) -> Result<String, ImportViolation> {
    let name = rules.machine.name_of(event_type);
    match check_payload(name, given) {
        Ok(scanned) => {
            check_required(rules, event_type, &scanned.fields)?;
            (rules.read)(event_type, given).map_err(ImportViolation::Payload)?;
            Ok(given.to_owned())
        }
        Err(UnreadablePayload::Input(invalid))
            if invalid.problem == InputProblem::NumberOutOfRange =>
        {
            let rewritten = (rules.rewrite)(event_type, given).map_err(ImportViolation::Payload)?;
            check_required(rules, event_type, &check_payload(name, &rewritten)?.fields)?;
            Ok(rewritten)
        }
        Err(unreadable) => Err(unreadable.into()),
    }
}

fn check_required(
    rules: &PlanRules,
    event_type: EventIndex,
    fields: &[Field<'_>],
) -> Result<(), ImportViolation> {
    let has_value = |name: &str| {
        let mut fields = fields.iter();
        fields.any(|field| field.name == name && field.has_value())
    };
    match missing_field(rules, event_type, has_value) {
        None => Ok(()),
        Some(field) => Err(ImportViolation::MissingField {
            event_type: rules.machine.name_of(event_type).to_owned(),
            field: field.to_owned(),
        }),
    }
}

/// Auto transitions that must be the next event of their entities.
#[derive(Debug, Default)]
pub(crate) struct PendingAutoTransitions(HashMap<Uuid, PendingAutoTransition>);

/// Event type of an auto transition, and the number of the event after which it is due.
#[derive(Debug)]
struct PendingAutoTransition {
    number: u64,
    due: EventIndex,
}

impl PendingAutoTransitions {
    /// Checks that an event is the auto transition that is due for its entity, if there is one.
    fn check(&self, rules: &PlanRules, row: &ReadRow) -> Result<(), ImportViolation> {
        match self.0.get(&row.entity_id) {
            Some(PendingAutoTransition { due, .. }) if *due != row.event_type => {
                Err(ImportViolation::AutoTransitionSkipped {
                    event_type: rules.machine.name_of(*due).to_owned(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Returns whether no auto transition is due.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the auto transition that is due after an event, or none.
    fn update(&mut self, entity_id: Uuid, number: u64, due: Option<EventIndex>) {
        match due {
            Some(due) => self
                .0
                .insert(entity_id, PendingAutoTransition { number, due }),
            None => self.0.remove(&entity_id),
        };
    }

    /// Returns the events after which an auto transition is missing, in their order.
    pub(crate) fn into_illegal(self, rules: &PlanRules) -> Vec<IllegalEvent> {
        let mut illegal: Vec<IllegalEvent> = self
            .0
            .into_iter()
            .map(
                |(entity_id, PendingAutoTransition { number, due })| IllegalEvent {
                    number,
                    entity_id: Some(EntityId::from(entity_id)),
                    reason: ImportViolation::AutoTransitionDue {
                        event_type: rules.machine.name_of(due).to_owned(),
                    },
                },
            )
            .collect();
        illegal.sort_by_key(|illegal| illegal.number);
        illegal
    }
}

/// Validates the events of a batch, each from the head after the one before it.
///
/// An illegal event is passed to `reject`, which returns an error to stop, or `Ok` to skip the
/// event.
pub(crate) fn validate(
    rules: &PlanRules,
    heads: &mut Heads,
    due: &mut PendingAutoTransitions,
    batch: ImportBatch,
    mut reject: impl FnMut(IllegalEvent) -> Result<(), Error>,
) -> Result<ValidatedBatch, Error> {
    let mut validated = ValidatedBatch::default();
    validated.rows.reserve(batch.rows.len());
    let mut event_ids: HashSet<(Uuid, Uuid)> = HashSet::with_capacity(batch.rows.len());
    for row in batch.rows {
        let (entity_id, number) = (row.entity_id, row.number);
        let known = heads.get(entity_id);
        let result = if event_ids.contains(&(entity_id, row.event_id)) {
            Err(ImportViolation::DuplicateEventId)
        } else {
            due.check(rules, &row)
                .and_then(|()| validate_row(rules, known, row))
        };
        match result {
            Ok((row, head, follows)) => {
                event_ids.insert((entity_id, row.event_id));
                due.update(entity_id, number, follows);
                heads.found(head);
                validated.rows.push(row);
            }
            Err(reason) => reject(IllegalEvent {
                number,
                entity_id: Some(EntityId::from(entity_id)),
                reason,
            })?,
        }
    }
    Ok(validated)
}

/// Validates one event; returns its row, the head after it, and the auto transition that is due
/// then.
fn validate_row(
    rules: &PlanRules,
    head: Option<&HeadRow>,
    row: ReadRow,
) -> Result<(ValidatedRow, HeadRow, Option<EventIndex>), ImportViolation> {
    let machine = rules.machine;
    let actual = head.map_or(Seq::NO_STREAM, |head| head.seq);
    let seq = actual.next();
    if let Some(given) = row.given_seq
        && given != seq
    {
        return Err(ImportViolation::SeqMismatch { given, actual: seq });
    }
    let prior_state = head.map(|head| head.state).unwrap_or_default();
    let state = machine
        .validate(row.event_type, prior_state)
        .map_err(|rejection| ImportViolation::Rejected { actual, rejection })?;
    if let Some(before) = head.map(|head| head.updated_at)
        && row.recorded_at < before
    {
        return Err(ImportViolation::TimestampBeforePrevious {
            recorded_at: row.recorded_at,
            before,
        });
    }
    let autos = machine
        .auto_transitions(state)
        .map_err(ImportViolation::AutoTransitionLoop)?;
    let follows = autos.first().map(|(event, _)| *event);
    let generation =
        machine.next_generation(row.event_type, head.map(|head| head.generation.get()));
    let generation = Generation::new(generation);
    let head = HeadRow {
        entity_id: row.entity_id,
        seq,
        generation,
        state,
        last_event_type: row.event_type,
        last_event_id: row.event_id,
        created_at: head.map_or(row.recorded_at, |head| head.created_at),
        updated_at: row.recorded_at,
    };
    let prior_generation = match actual {
        Seq::NO_STREAM => 0,
        _ => generation.get() - u32::from(machine.rule(row.event_type).restarting),
    };
    let row = ValidatedRow {
        entity_id: row.entity_id,
        seq,
        event_id: row.event_id,
        event_type: row.event_type,
        prior_state,
        state,
        prior_generation,
        generation,
        recorded_at: row.recorded_at,
        data: row.data,
        metadata: row.metadata,
        number: row.number,
    };
    Ok((row, head, follows))
}
