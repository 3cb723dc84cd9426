//! Violations in suspect rows of a history, by the machine that also checks appends.

use std::collections::HashSet;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::suspects::{HEAD, PrecedingEvent, SuspectEvent, SuspectHead, Suspects};
use crate::store::contract::unreadable_event::UnreadableEvent;
use crate::store::contract::violation::{Violation, ViolationKind};
use crate::{Generation, Seq};

/// Returns the violations in suspect rows and the events that cannot be read, ordered by entity and sequence, `limit` at most.
pub(crate) fn violations(
    context: &EntityContext,
    suspects: Suspects,
    unreadable: Vec<UnreadableEvent>,
    limit: usize,
) -> Vec<Violation> {
    let mut all = Vec::new();
    for suspect in &suspects.of_events {
        let kinds = event_violations(context, suspect).into_iter();
        all.extend(kinds.map(|kind| Violation {
            entity_id: suspect.entity_id.into(),
            seq: seq(suspect.seq),
            kind,
        }));
    }
    for (entity_id, event_id, number) in suspects.twice {
        all.push(Violation {
            entity_id: entity_id.into(),
            seq: seq(number),
            kind: ViolationKind::DuplicateEventId {
                event_id: event_id.into(),
            },
        });
    }
    let found: HashSet<_> = all.iter().map(|one| (one.entity_id, one.seq)).collect();
    for event in unreadable {
        // What the rules forbid is not reported twice.
        if !found.contains(&(event.entity_id, Some(event.seq))) {
            all.push(Violation {
                entity_id: event.entity_id,
                seq: Some(event.seq),
                kind: ViolationKind::Unreadable {
                    event_id: event.id,
                    reason: event.reason,
                },
            });
        }
    }
    for suspect in suspects.heads {
        let entity_id = suspect.entity_id.into();
        let kinds = head_violations(context, suspect).into_iter();
        all.extend(kinds.map(|kind| Violation {
            entity_id,
            seq: None,
            kind,
        }));
    }
    // Violations in a head come after those in events, which may be the cause.
    all.sort_by_key(|violation| {
        let seq = violation.seq.map_or(u32::MAX, Seq::get);
        (violation.entity_id, seq)
    });
    all.truncate(limit);
    all
}

/// Converts a stored sequence; `None` if it is out of range.
fn seq(number: i64) -> Option<Seq> {
    u32::try_from(number).ok().map(Seq::new)
}

/// Returns the violations in one event.
fn event_violations(context: &EntityContext, event: &SuspectEvent) -> Vec<ViolationKind> {
    let mut kinds = Vec::new();
    let previous = event.previous.as_ref();
    let expected = previous.map_or(1, |previous| previous.seq.saturating_add(1));
    let follows = event.seq == expected;
    if !follows {
        kinds.push(ViolationKind::Sequence {
            expected: seq(expected).unwrap_or_default(),
            actual: event.seq,
        });
    }
    let prior_state = previous.map_or(0, |previous| previous.state);
    if follows && event.prior_state != prior_state {
        kinds.push(ViolationKind::PriorState {
            expected: state(context, prior_state),
            actual: state(context, event.prior_state),
        });
    }
    kinds.extend(rule_violations(context, event, follows));
    if let Some(field) = &event.missing {
        kinds.push(ViolationKind::MissingField {
            field: field.clone(),
        });
    }
    if let Some(previous) = previous {
        kinds.extend(order_violations(event, previous));
    }
    // A comparison with NULL made the row suspect.
    if kinds.is_empty() {
        kinds.push(ViolationKind::Incomplete);
    }
    kinds
}

/// Returns the violations in event type, state and, if the event `follows` the previous one,
/// generation.
fn rule_violations(
    context: &EntityContext,
    event: &SuspectEvent,
    follows: bool,
) -> Vec<ViolationKind> {
    let machine = context.rules.machine;
    let number = i16::try_from(event.event_type).ok();
    let Some(event_type) = number.and_then(|number| context.codes.index(number)) else {
        return vec![ViolationKind::UnknownEventType {
            number: event.event_type,
        }];
    };
    let mut kinds = Vec::new();
    // A prior state with unknown bits is reported at the event that led to it.
    let prior_state = context.codes.decode(event.prior_state);
    if !prior_state.is_some_and(|prior_state| machine.may_follow(event_type, prior_state)) {
        kinds.push(ViolationKind::IllegalTransition {
            event_type: machine.name_of(event_type).to_owned(),
            state: state(context, event.prior_state),
        });
    }
    if let Some(prior_state) = prior_state {
        let expected = context
            .codes
            .encode(machine.accumulate(event_type, prior_state));
        if event.state != expected {
            kinds.push(ViolationKind::State {
                expected: state(context, expected),
                actual: state(context, event.state),
            });
        }
    }
    let previous = event.previous.as_ref().map(|previous| previous.generation);
    let expected = match previous {
        None => 1,
        Some(generation) => generation.saturating_add(machine.rule(event_type).restarting.into()),
    };
    if follows && event.generation != expected {
        kinds.push(ViolationKind::Generation {
            expected: Generation::new(u32::try_from(expected).unwrap_or_default()),
            actual: event.generation,
        });
    }
    kinds
}

/// Returns the violations in time of recording and log sequence.
fn order_violations(event: &SuspectEvent, previous: &PrecedingEvent) -> Vec<ViolationKind> {
    let mut kinds = Vec::new();
    if previous.is_later {
        kinds.push(ViolationKind::TimestampBeforePrevious {
            recorded_at: event.recorded_at.clone(),
            before: previous.recorded_at.clone(),
        });
    }
    if event.log_seq <= previous.log_seq {
        kinds.push(ViolationKind::LogSeqNotIncreasing {
            log_seq: event.log_seq,
            before: previous.log_seq,
        });
    }
    kinds
}

/// Returns the violations in one head.
fn head_violations(context: &EntityContext, suspect: SuspectHead) -> Vec<ViolationKind> {
    if suspect.head.iter().all(Option::is_none) {
        return vec![ViolationKind::NoHead];
    }
    if suspect.last.iter().all(Option::is_none) {
        return vec![ViolationKind::NoEvents];
    }
    let readable = |column: &str, text: Option<String>| {
        let text = text.unwrap_or_else(|| "nothing".to_owned());
        match text.parse() {
            Ok(bits) if column == "state" => state(context, bits),
            _ => text,
        }
    };
    let columns = HEAD.iter().map(|(column, _)| *column);
    columns
        .zip(suspect.last.into_iter().zip(suspect.head))
        .filter(|(_, (last, head))| last != head)
        .map(|(column, (last, head))| ViolationKind::Head {
            column,
            expected: readable(column, last),
            actual: readable(column, head),
        })
        .collect()
}

/// Writes a stored state as names of event types; unknown bits as `bit 7`.
fn state(context: &EntityContext, stored: i64) -> String {
    let mut names = Vec::new();
    for bit in 0..64_i16 {
        if stored & (1_i64 << bit) == 0 {
            continue;
        }
        names.push(match context.codes.index(bit) {
            Some(event) => context.rules.machine.name_of(event).to_owned(),
            None => format!("bit {bit}"),
        });
    }
    names.sort();
    format!("[{}]", names.join(", "))
}
