//! Planner of an append: applies rules, generations, auto transitions and expected sequences.
//!
//! The reference for what an append stores. SQLite calls it with the locked heads. On Postgres
//! functions in the database decide, and the planner says why one has refused; property tests hold
//! both to equal results.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet};
use uuid::Uuid;

use crate::payload::scan::Field;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::{Answered, EventIds, RequestPart};
use crate::store::contract::rows::{EventRow, HeadRow};
use crate::store::contract::text_checks::check_payload;
use crate::{EntityId, Error, Generation, LogSeq, Metadata, Seq};

/// Planned rows of one entity.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "sqlite"),
    allow(
        dead_code,
        reason = "on Postgres only the errors of the planner are asked for"
    )
)]
pub(crate) struct Planned<'r> {
    /// Rows in the order of the stream; their log sequences are not known yet. The payloads of
    /// requested events are borrowed.
    pub(crate) rows: Vec<EventRow<Cow<'r, str>>>,
    /// Answer to store with the idempotency key.
    pub(crate) answered: Vec<Answered>,
}

/// Plans the rows of one part of a request, from the locked head of its entity.
///
/// # Errors
/// [`Error::Conflict`], [`Error::Rejected`], [`Error::MissingField`], [`Error::IdNotAllocated`],
/// [`Error::AutoTransitionLoop`] or [`Error::Payload`].
pub(crate) fn plan<'r>(
    rules: &PlanRules,
    locked: Option<&HeadRow>,
    part: &'r RequestPart,
    metadata: &Metadata,
    now: DateTime<Utc>,
) -> Result<Planned<'r>, Error> {
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
    for event in &part.events {
        let event_type = event.event_type;
        if let Some(field) = event.missing_field {
            return Err(missing(rules, event_type, field));
        }
        if let Err(rejection) = rules.machine.validate(event_type, planner.state) {
            return Err(Error::Rejected {
                entity_id,
                actual: planner.seq,
                rejection,
            });
        }
        if !event.is_readable {
            (rules.read)(event_type, &event.payload)?;
        }
        planner.push(event_type, Cow::Borrowed(&event.payload), true);
        let autos = rules.machine.auto_transitions(planner.state)?;
        if autos.is_empty() {
            continue;
        }
        let fields = check_payload(rules.machine.name_of(event_type), &event.payload)?.fields;
        for (auto, _) in autos {
            let carried = carried(rules, auto, &fields);
            if let Some(field) = missing_field(rules, auto, |field| carried.has_value(field)) {
                return Err(missing(rules, auto, field));
            }
            let payload = carried.text();
            (rules.read)(auto, &payload)?;
            planner.push(auto, Cow::Owned(payload), false);
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
struct RowPlanner<'a, 'r> {
    rules: &'a PlanRules,
    part: &'r RequestPart,
    metadata: &'a Metadata,
    now: DateTime<Utc>,
    seq: Seq,
    state: StateSet,
    generation: Option<Generation>,
    last_event_id: Option<Uuid>,
    event_ids: EventIds,
    rows: Vec<EventRow<Cow<'r, str>>>,
    answered: Vec<Answered>,
}

impl<'r> RowPlanner<'_, 'r> {
    /// Plans the row of the next event, and moves on to the position after it.
    fn push(&mut self, event: EventIndex, payload: Cow<'r, str>, requested: bool) {
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
    }
}

/// Returns the error of a required field without a value.
fn missing(rules: &PlanRules, event: EventIndex, field: &str) -> Error {
    Error::MissingField {
        event_type: rules.machine.name_of(event).to_owned(),
        field: field.to_owned(),
    }
}

/// Returns the first required field that is absent or null; "", 0 and false are values.
pub(crate) fn missing_field(
    rules: &PlanRules,
    event: EventIndex,
    has_value: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let mut requires = rules.machine.rule(event).requires.iter();
    requires.find(|field| !has_value(field)).map(AsRef::as_ref)
}

/// Returns the payload of an auto transition: the fields that the event that caused it has as well, as
/// that has them.
pub(crate) fn carried<'t>(
    rules: &PlanRules,
    auto: EventIndex,
    payload: &'t [Field<'t>],
) -> Carried<'t> {
    let accepted = rules.fields[auto.get()];
    let is_accepted =
        |field: &&Field<'_>| accepted.is_none_or(|accepted| accepted.contains(&&*field.name));
    Carried(payload.iter().filter(is_accepted).collect())
}

/// Fields that an auto transition takes over.
pub(crate) struct Carried<'t>(Vec<&'t Field<'t>>);

impl Carried<'_> {
    /// Returns the payload as the text of a JSON object.
    pub(crate) fn text(&self) -> String {
        let fields: Vec<&str> = self.0.iter().map(|field| field.text).collect();
        format!("{{{}}}", fields.join(","))
    }

    /// Checks whether the payload has a field with a value.
    pub(crate) fn has_value(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|field| field.name == name && field.has_value())
    }
}

#[cfg(test)]
mod tests {
    use crate::IdFormat;
    use chrono::TimeDelta;
    use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec};

    use super::*;
    use crate::store::contract::request::RequestEvent;

    /// Compiles the rules of a machine, which lives as long as the tests.
    fn rules(events: impl IntoIterator<Item = EventSpec>) -> PlanRules {
        let machine = Machine::compile(&MachineSpec::new("any", events)).unwrap();
        PlanRules {
            entity: "any",
            id: IdFormat::Uuid,
            fields: vec![None; machine.len()],
            #[cfg(feature = "postgres")]
            autos: Vec::new(),
            read: |_, _| Ok(()),
            rewrite: |_, payload| Ok(payload.to_owned()),
            machine: Box::leak(Box::new(machine)),
        }
    }

    fn part(rules: &PlanRules, events: &[&str]) -> RequestPart {
        let event = |name: &&str| RequestEvent {
            event_type: rules.machine.index_of(name).unwrap(),
            payload: "{}".to_owned(),
            missing_field: None,
            is_readable: true,
        };
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
        let request = part(&rules, &["A"]);
        let first = plan(&rules, None, &request, &metadata, now).unwrap();
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
