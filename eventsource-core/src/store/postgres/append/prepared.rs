//! Plan of an append to one entity, in the numbers of the database.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use eventsource_model::{EventIndex, StateSet, Update};
use uuid::Uuid;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::Request;
use crate::store::contract::rows::{EventRow, HeadRow, Payload};
use crate::store::postgres::append::foresee;
use crate::store::postgres::append::foresee::foresee;
use crate::store::rules::plan::{carried, missing_field};
use crate::{Error, Generation, LogSeq, Metadata};

/// Plan of an append to one entity, for any state of it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) entity_id: Uuid,
    pub(crate) expected: Option<i32>,
    /// Time of the first event, unless the head is later.
    pub(crate) now: DateTime<Utc>,
    pub(crate) courses: Vec<Course>,
    pub(crate) key: Option<Key>,
}

/// Idempotency key of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) entity: &'static str,
    pub(crate) key: String,
}

/// Branch of the plan: its condition and its events.
#[derive(Debug)]
pub(crate) struct Course {
    /// Alternatives of its condition: bits that the state must have, and must lack.
    pub(crate) when: Vec<(i64, i64)>,
    pub(crate) steps: Vec<Step>,
}

/// Event of a branch.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) now: DateTime<Utc>,
    pub(crate) metadata: Arc<Metadata>,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: i16,
    /// States before and after, as masks `(keep, add)` of the state that is found.
    pub(crate) prior: (i64, i64),
    pub(crate) after: (i64, i64),
    /// Number of generations that have begun since the head.
    pub(crate) restarts: i32,
    /// Generation if there is no head.
    pub(crate) first_version: i32,
    /// Number of generations that this event begins: 0 or 1.
    pub(crate) restarting: i32,
    pub(crate) payload: Arc<Payload>,
    pub(crate) foreseen: foresee::Step,
}

impl Prepared {
    /// Returns the plan of a request of one entity whose payloads have all required fields, else
    /// `None`. The planner does the others, under a lock.
    pub(crate) fn of(
        context: &EntityContext,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let [part] = request.parts.as_slice() else {
            return None;
        };
        let rules = &context.rules;
        // Counted entities begin with their number, which is taken under the counter's lock.
        if rules.id.is_counter()
            && part
                .events
                .first()
                .is_some_and(|(event, _)| rules.machine.is_initial(*event))
        {
            return None;
        }
        let metadata = Arc::new(request.metadata.clone());
        let events: Vec<EventIndex> = part.events.iter().map(|(event, _)| *event).collect();
        let courses = context
            .states
            .possible(foresee(rules.machine, &events)?)
            .into_iter()
            .map(|course| {
                let when = course.when.iter();
                let mut steps = Steps {
                    codes: &context.codes,
                    rules,
                    now,
                    metadata: &metadata,
                    event_ids: part.event_ids(),
                    restarts: 0,
                    first_version: 1,
                };
                Some(Course {
                    when: when
                        .map(|clause| {
                            let mask = |set| context.codes.mask(set);
                            // A state that the program cannot read is not for it to judge.
                            let lacks = mask(clause.none) | context.codes.unknown();
                            (mask(clause.all), lacks)
                        })
                        .collect(),
                    steps: course
                        .steps
                        .into_iter()
                        .enumerate()
                        .map(|(n, step)| steps.next(n, step, &part.events[step.asked].1))
                        .collect::<Option<_>>()?,
                })
            })
            .collect::<Option<_>>()?;
        Some(Self {
            entity_id: part.entity_id,
            expected: match part.expected {
                None => None,
                // A sequence that no entity can have.
                Some(seq) => Some(i32::try_from(seq.get()).ok()?),
            },
            now,
            courses,
            key: request.metadata.idempotency_key.clone().map(|key| Key {
                entity: context.names.entity(),
                key,
            }),
        })
    }

    /// Checks whether an entity at this sequence is past the expected one.
    ///
    /// Never so with a key, for which stored events answer first.
    pub(crate) fn is_behind(&self, seq: i32) -> bool {
        self.key.is_none() && self.expected.is_some_and(|expected| expected < seq)
    }

    /// Checks whether the two share the entity or the key, and so cannot be in one statement.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        self.entity_id == other.entity_id || self.key.is_some() && self.key == other.key
    }

    /// Returns each clause with the index of its course.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = (usize, i64, i64)> {
        let courses = self.courses.iter().enumerate();
        courses.flat_map(|(n, course)| {
            course
                .when
                .iter()
                .map(move |(has, lacks)| (n, *has, *lacks))
        })
    }

    /// Returns some of the rows that the statement stored when it found `head` and took the course.
    pub(crate) fn rows(
        &self,
        course: usize,
        head: Option<&HeadRow>,
        log_seqs: &[i64],
        range: Range<usize>,
    ) -> Result<Vec<EventRow>, Error> {
        let other = || Error::database("other rows were stored than asked for");
        let steps = self.courses.get(course).map(|course| &course.steps);
        let steps = steps.filter(|steps| steps.len() == log_seqs.len());
        let steps = steps.ok_or_else(other)?;
        let (before, steps) = steps.split_at_checked(range.start).ok_or_else(other)?;
        let steps = steps.get(..range.len()).ok_or_else(other)?;
        let state = head.map_or(StateSet::EMPTY, |head| head.state);
        let mut seq = head.map(|head| head.seq).unwrap_or_default();
        let mut parent_id = head.map(|head| head.last_event_id);
        for step in before {
            seq = seq.next();
            parent_id = Some(step.event_id);
        }
        let log_seqs = log_seqs.iter().skip(range.start);
        let rows = steps.iter().zip(log_seqs).map(|(step, log_seq)| {
            seq = seq.next();
            let generation = match head {
                Some(head) => head.generation.get() + step.restarts.unsigned_abs(),
                None => step.first_version.unsigned_abs(),
            };
            EventRow {
                event_id: step.event_id,
                entity_id: self.entity_id,
                seq,
                log_seq: LogSeq::new(log_seq.unsigned_abs()),
                parent_id: parent_id.replace(step.event_id),
                event_type: step.foreseen.event,
                prior_state: step.foreseen.prior.apply(state),
                state: step.foreseen.after.apply(state),
                generation: Generation::new(generation),
                recorded_at: head.map_or(step.now, |head| step.now.max(head.updated_at)),
                payload: (*step.payload).clone(),
                metadata: (*step.metadata).clone(),
            }
        });
        Ok(rows.collect())
    }
}

/// Builder of the steps of a course.
struct Steps<'a> {
    codes: &'a EventTypeCodes,
    rules: &'a PlanRules,
    now: DateTime<Utc>,
    metadata: &'a Arc<Metadata>,
    event_ids: crate::store::contract::request::EventIds,
    restarts: i32,
    first_version: i32,
}

impl Steps<'_> {
    /// Returns the step with its payload; `None` if the payload lacks a required field.
    fn next(&mut self, number: usize, foreseen: foresee::Step, payload: &Payload) -> Option<Step> {
        let event = foreseen.event;
        let payload = if foreseen.auto {
            carried(self.rules, event, payload)
        } else {
            payload.clone()
        };
        if missing_field(self.rules, event, &payload).is_some() {
            return None;
        }
        let payload = (self.rules.normalize)(event, payload).ok()?;
        let restarting = i32::from(self.rules.machine.rule(event).restarting);
        self.restarts += restarting;
        if number > 0 {
            self.first_version += restarting;
        }
        let masks = |update: Update| {
            let keep = self.codes.mask(update.keep);
            (keep, self.codes.encode(update.add))
        };
        Some(Step {
            now: self.now,
            metadata: Arc::clone(self.metadata),
            event_id: self.event_ids.next(),
            event_type: self.codes.number(event),
            prior: masks(foreseen.prior),
            after: masks(foreseen.after),
            restarts: self.restarts,
            first_version: self.first_version,
            restarting,
            payload: Arc::new(payload),
            foreseen,
        })
    }
}
