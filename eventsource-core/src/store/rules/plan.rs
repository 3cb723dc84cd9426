//! What an append will write, decided before anything is written.
//!
//! Both stores lock the entities first and then ask this one function, so that there is one place
//! where rules, versions, auto transitions and expected sequences are applied.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use serde_json::Value;
use uuid::Uuid;

use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::{Answered, EventIds, Outcome, Request, RequestPart};
use crate::store::contract::rows::{EventRow, HeadRow, Payload};
use crate::{EntityId, Error, Generation, LogSeq, Metadata, Seq};

/// The rows of one entity, and the head after them.
#[derive(Debug)]
pub(crate) struct Planned {
    /// In stream order. The clocks are not known yet.
    pub(crate) rows: Vec<EventRow>,
    pub(crate) answered: Vec<Answered>,
}

/// Applies the rules to what one entity is asked to store, from the head that the store has locked.
pub(crate) fn plan(
    rules: &PlanRules,
    locked: Option<&HeadRow>,
    part: &RequestPart,
    metadata: &Metadata,
    now: DateTime<Utc>,
) -> Result<Planned, Error> {
    let actual = locked.map_or(Seq::NO_STREAM, |head| head.seq);
    let entity_id = EntityId::from(part.entity_id);
    check_expected(rules, part, actual)?;
    let mut writer = Writer {
        rules,
        part,
        metadata,
        // A clock that was set back must not reorder a stream (C19, X20).
        now: locked.map_or(now, |head| now.max(head.updated_at)),
        seq: actual,
        state: locked.map_or(StateSet::EMPTY, |head| head.state),
        generation: locked.map(|head| head.generation),
        last_event_id: locked.map(|head| head.last_event_id),
        event_ids: part.event_ids(),
        rows: Vec::new(),
        answered: Vec::new(),
    };
    for (event, payload) in &part.events {
        check_required(rules, *event, payload)?;
        if let Err(rejection) = rules.machine.validate(*event, writer.state) {
            return Err(Error::Rejected {
                entity_id,
                actual: writer.seq,
                rejection,
            });
        }
        writer.write(*event, payload.clone(), true)?;
        for (auto, _) in rules.machine.auto_transitions(writer.state)? {
            let payload = carried(rules, auto, payload);
            check_required(rules, auto, &payload)?;
            writer.write(auto, payload, false)?;
        }
    }
    // An entity whose id no counter has given would have that of a later one.
    if rules.id.is_counter() && locked.is_none() && !part.creates {
        return Err(Error::IdNotAllocated {
            entity: rules.entity,
            id: rules.id.format(entity_id),
        });
    }
    Ok(Planned {
        rows: writer.rows,
        answered: writer.answered,
    })
}

/// Whether the entity is where the caller thinks.
pub(crate) fn check_expected(
    rules: &PlanRules,
    part: &RequestPart,
    actual: Seq,
) -> Result<(), Error> {
    let entity_id = EntityId::from(part.entity_id);
    match part.expected {
        Some(expected) if expected != actual => Err(Error::Conflict {
            entity_id,
            id: rules.id.format(entity_id),
            expected,
            actual,
        }),
        _ => Ok(()),
    }
}

struct Writer<'a> {
    rules: &'a PlanRules,
    part: &'a RequestPart,
    metadata: &'a Metadata,
    now: DateTime<Utc>,
    seq: Seq,
    state: StateSet,
    generation: Option<Generation>,
    last_event_id: Option<Uuid>,
    event_ids: EventIds,
    rows: Vec<EventRow>,
    answered: Vec<Answered>,
}

impl Writer<'_> {
    fn write(&mut self, event: EventIndex, payload: Payload, requested: bool) -> Result<(), Error> {
        let payload = (self.rules.normalize)(event, payload)?;
        let machine = self.rules.machine;
        let prior_state = self.state;
        self.state = machine.accumulate(event, prior_state);
        self.seq = self.seq.next();
        let generation =
            Generation::new(machine.next_generation(event, self.generation.map(Generation::get)));
        self.generation = Some(generation);
        let event_id = self.event_ids.next();
        self.rows.push(EventRow {
            event_id,
            entity_id: self.part.entity_id,
            seq: self.seq,
            log_seq: LogSeq::default(),
            parent_id: self.last_event_id,
            event_type: event,
            prior_state,
            state: self.state,
            generation,
            recorded_at: self.now,
            payload,
            metadata: self.metadata.clone(),
        });
        self.last_event_id = Some(event_id);
        self.answered.push(Answered {
            entity_id: self.part.entity_id,
            seq: self.seq,
            requested,
        });
        Ok(())
    }
}

fn check_required(rules: &PlanRules, event: EventIndex, payload: &Payload) -> Result<(), Error> {
    match missing_field(rules, event, payload) {
        None => Ok(()),
        Some(field) => Err(Error::MissingField {
            event_type: rules.machine.name_of(event).to_owned(),
            field: field.to_owned(),
        }),
    }
}

/// Only an absent or null value is missing: "", 0 and false are values (M18).
pub(crate) fn missing_field(
    rules: &PlanRules,
    event: EventIndex,
    payload: &Payload,
) -> Option<&'static str> {
    let mut requires = rules.machine.rule(event).requires.iter();
    requires
        .find(|field| payload.get(field.as_ref()).is_none_or(Value::is_null))
        .map(AsRef::as_ref)
}

/// What an auto transition takes over from the event that caused it: the fields of the same name
/// (M21).
pub(crate) fn carried(rules: &PlanRules, auto: EventIndex, payload: &Payload) -> Payload {
    let fields = rules.fields[auto.get()];
    payload
        .iter()
        .filter(|(name, _)| fields.is_none_or(|fields| fields.contains(&name.as_str())))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The answer to a repeated idempotency key, if it is the same request as the first.
///
/// Payloads are compared as their types write them: a database may write a number otherwise, and an
/// older program did not know of a newer field.
pub(crate) fn replay(
    rules: &PlanRules,
    request: &Request,
    answered: &[Answered],
    rows: Vec<EventRow>,
) -> Result<Outcome, Error> {
    let mut stored = answered
        .iter()
        .zip(&rows)
        .filter(|(answered, _)| answered.requested);
    let mut same = true;
    for part in &request.parts {
        // What the first try has called the entity, if it was to be named.
        let mut named = (!part.creates).then_some(part.entity_id);
        for (event, payload) in &part.events {
            let Some((_, row)) = stored.next() else {
                same = false;
                break;
            };
            // It can only have named one that had no events.
            same &= named.is_some() || row.seq == Seq::NO_STREAM.next();
            let entity_id = *named.get_or_insert(row.entity_id);
            same &= entity_id == row.entity_id && row.event_type == *event;
            let asked = (rules.normalize)(*event, payload.clone())?;
            same &= (rules.normalize)(row.event_type, row.payload.clone())? == asked;
        }
    }
    same &= stored.next().is_none();
    if same {
        Ok(Outcome {
            rows,
            replayed: true,
        })
    } else {
        Err(Error::IdempotencyKeyReused {
            key: request.metadata.idempotency_key.clone().unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::IdFormat;
    use chrono::TimeDelta;
    use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec};

    use super::*;

    /// A machine for as long as the tests run.
    fn rules(events: impl IntoIterator<Item = EventSpec>) -> PlanRules {
        let machine = Machine::compile(&MachineSpec::new("any", events)).unwrap();
        PlanRules {
            entity: "any",
            id: IdFormat::Uuid,
            fields: vec![None; machine.len()],
            normalize: |_, payload| Ok(payload),
            machine: Box::leak(Box::new(machine)),
        }
    }

    fn part(rules: &PlanRules, events: &[&str]) -> RequestPart {
        let event = |name: &&str| (rules.machine.index_of(name).unwrap(), Payload::new());
        RequestPart {
            entity_id: Uuid::nil(),
            creates: false,
            expected: None,
            first_event_id: Uuid::now_v7(),
            events: events.iter().map(event).collect(),
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_reorder_a_stream() {
        let rules = rules([
            EventSpec::new("A"),
            EventSpec::new("B").follows(Formula::event("A")),
        ]);
        let (now, metadata) = (Utc::now(), Metadata::default());
        let first = plan(&rules, None, &part(&rules, &["A"]), &metadata, now).unwrap();
        let first = &first.rows[0];
        let head = HeadRow {
            entity_id: first.entity_id,
            seq: first.seq,
            generation: first.generation,
            state: first.state,
            last_event_type: first.event_type,
            last_event_id: first.event_id,
            created_at: first.recorded_at,
            updated_at: first.recorded_at,
        };
        let earlier = now - TimeDelta::hours(1);
        let second = part(&rules, &["B"]);
        let second = plan(&rules, Some(&head), &second, &metadata, earlier).unwrap();
        assert_eq!(second.rows[0].recorded_at, now);
    }

    #[test]
    fn auto_transitions_that_never_end_are_an_error_and_not_a_hang() {
        let rules = rules([
            EventSpec::new("A"),
            EventSpec::new("B")
                .follows(Formula::event("A"))
                .accumulate(Accumulator::Keep)
                .auto_transition(),
        ]);
        let request = part(&rules, &["A"]);
        let error = plan(&rules, None, &request, &Metadata::default(), Utc::now()).unwrap_err();
        assert!(matches!(error, Error::AutoTransitionLoop(_)), "{error:?}");
    }

    #[test]
    fn a_first_event_that_restarts_is_of_version_one() {
        let rules = rules([EventSpec::new("A").restarting()]);
        let request = part(&rules, &["A"]);
        let planned = plan(&rules, None, &request, &Metadata::default(), Utc::now()).unwrap();
        assert_eq!(planned.rows[0].generation, Generation::new(1));
    }
}
