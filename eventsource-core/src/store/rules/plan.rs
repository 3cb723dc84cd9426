//! Planner of an append: applies rules, generations, auto transitions and expected sequences.
//!
//! The reference for what an append stores. SQLite calls it with the locked heads. On Postgres
//! functions in the database decide, and the planner says why one has refused; property tests hold
//! both to equal results.

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use serde_json::Value;
use uuid::Uuid;

use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::{Answered, AppendOutcome, EventIds, Request, RequestPart};
use crate::store::contract::rows::{EventRow, HeadRow, Payload};
use crate::{EntityId, Error, Generation, LogSeq, Metadata, Seq};

/// Planned rows of one entity.
#[derive(Debug)]
pub(crate) struct Planned {
    /// Rows in the order of the stream; their log sequences are not known yet.
    pub(crate) rows: Vec<EventRow>,
    /// Answer to store with the idempotency key.
    pub(crate) answered: Vec<Answered>,
}

/// Plans the rows of one part of a request, from the locked head of its entity.
///
/// # Errors
/// [`Error::Conflict`], [`Error::Rejected`], [`Error::MissingField`], [`Error::IdNotAllocated`],
/// [`Error::AutoTransitionLoop`] or [`Error::Payload`].
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
    let mut planner = RowPlanner {
        rules,
        part,
        metadata,
        // A system clock that was set back must not give an event an earlier time than the previous
        // one.
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
        if let Err(rejection) = rules.machine.validate(*event, planner.state) {
            return Err(Error::Rejected {
                entity_id,
                actual: planner.seq,
                rejection,
            });
        }
        planner.push(*event, payload.clone(), true)?;
        for (auto, _) in rules.machine.auto_transitions(planner.state)? {
            let payload = carried(rules, auto, payload);
            check_required(rules, auto, &payload)?;
            planner.push(auto, payload, false)?;
        }
    }
    // The counter could later allocate the id of an entity that was created without it.
    if rules.id.is_counter() && locked.is_none() && !part.creates {
        return Err(Error::IdNotAllocated {
            entity: rules.entity,
            id: rules.id.format(entity_id),
        });
    }
    Ok(Planned {
        rows: planner.rows,
        answered: planner.answered,
    })
}

/// Checks the expected sequence of a part against the actual one.
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

/// Position in a stream, from which the next row is planned.
struct RowPlanner<'a> {
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

impl RowPlanner<'_> {
    /// Plans the row of the next event, and moves on to the position after it.
    fn push(&mut self, event: EventIndex, payload: Payload, requested: bool) -> Result<(), Error> {
        let payload = (self.rules.normalize)(event, payload)?;
        let machine = self.rules.machine;
        let prior_state = self.state;
        self.state = machine.accumulate(event, prior_state);
        self.seq = self.seq.next();
        let generation =
            Generation::new(machine.next_generation(event, self.generation.map(Generation::get)));
        self.generation = Some(generation);
        let event_id = match requested {
            true => self.event_ids.requested(),
            false => self.event_ids.auto_transition(),
        };
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

/// Checks that the required fields have values.
fn check_required(rules: &PlanRules, event: EventIndex, payload: &Payload) -> Result<(), Error> {
    match missing_field(rules, event, payload) {
        None => Ok(()),
        Some(field) => Err(Error::MissingField {
            event_type: rules.machine.name_of(event).to_owned(),
            field: field.to_owned(),
        }),
    }
}

/// Returns the first required field that is absent or null; "", 0 and false are values.
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

/// Returns the payload of an auto transition: the fields that the event that caused it has as well.
pub(crate) fn carried(rules: &PlanRules, auto: EventIndex, payload: &Payload) -> Payload {
    let fields = rules.fields[auto.get()];
    payload
        .iter()
        .filter(|(name, _)| fields.is_none_or(|fields| fields.contains(&name.as_str())))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Returns the events of the first request with an idempotency key, if the repeat equals it.
///
/// Payloads are compared after a conversion to the event and back: a database may write a number in
/// another way, and an older program did not know of a newer field.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`] if the requests differ.
pub(crate) fn replay(
    rules: &PlanRules,
    request: &Request,
    answered: &[Answered],
    rows: Vec<EventRow>,
) -> Result<AppendOutcome, Error> {
    let mut stored = answered
        .iter()
        .zip(&rows)
        .filter(|(answered, _)| answered.requested);
    let mut same = true;
    for part in &request.parts {
        // The id that the first request allocated, if this part creates an entity.
        let mut allocated = (!part.creates).then_some(part.entity_id);
        for (event, payload) in &part.events {
            let Some((_, row)) = stored.next() else {
                same = false;
                break;
            };
            // An id is allocated together with the first event.
            same &= allocated.is_some() || row.seq == Seq::NO_STREAM.next();
            let entity_id = *allocated.get_or_insert(row.entity_id);
            same &= entity_id == row.entity_id && row.event_type == *event;
            let asked = (rules.normalize)(*event, payload.clone())?;
            same &= (rules.normalize)(row.event_type, row.payload.clone())? == asked;
        }
    }
    same &= stored.next().is_none();
    if same {
        Ok(AppendOutcome {
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

    /// Compiles the rules of a machine, which lives as long as the tests.
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
            first_event_id: EventIds::first(),
            events: events.iter().map(event).collect(),
        }
    }

    #[test]
    fn event_after_clock_was_set_back_gets_time_of_previous_event() {
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
    fn endless_auto_transitions_are_an_error() {
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
    fn restarting_first_event_has_generation_one() {
        let rules = rules([EventSpec::new("A").restarting()]);
        let request = part(&rules, &["A"]);
        let planned = plan(&rules, None, &request, &Metadata::default(), Utc::now()).unwrap();
        assert_eq!(planned.rows[0].generation, Generation::new(1));
    }
}
