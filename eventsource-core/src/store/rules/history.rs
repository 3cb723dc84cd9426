//! What is wrong with a row that the database suspects, by the same machine that judges appends.

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::suspects::{Before, HEAD, SuspectEvent, SuspectHead, Suspects};
use crate::store::contract::violation::{Violation, ViolationKind};
use crate::{Generation, Seq};

/// What is wrong, by entity and sequence, `most` at most.
pub(crate) fn violations(
    context: &EntityContext,
    suspects: Suspects,
    most: usize,
) -> Vec<Violation> {
    let mut all = Vec::new();
    for suspect in &suspects.of_events {
        let kinds = of_event(context, suspect).into_iter();
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
            kind: ViolationKind::Twice {
                event_id: event_id.into(),
            },
        });
    }
    for suspect in suspects.heads {
        let entity_id = suspect.entity_id.into();
        let kinds = of_head(context, suspect).into_iter();
        all.extend(kinds.map(|kind| Violation {
            entity_id,
            seq: None,
            kind,
        }));
    }
    // What is of the head comes after the events that may be the cause.
    all.sort_by_key(|violation| {
        let seq = violation.seq.map_or(u32::MAX, Seq::get);
        (violation.entity_id, seq)
    });
    all.truncate(most);
    all
}

fn seq(number: i64) -> Option<Seq> {
    u32::try_from(number).ok().map(Seq::new)
}

fn of_event(context: &EntityContext, event: &SuspectEvent) -> Vec<ViolationKind> {
    let mut kinds = Vec::new();
    let before = event.before.as_ref();
    let expected = before.map_or(1, |before| before.seq.saturating_add(1));
    let follows = event.seq == expected;
    if !follows {
        kinds.push(ViolationKind::Sequence {
            expected: seq(expected).unwrap_or_default(),
            actual: event.seq,
        });
    }
    let prior_state = before.map_or(0, |before| before.state);
    if follows && event.prior_state != prior_state {
        kinds.push(ViolationKind::PriorState {
            expected: state(context, prior_state),
            actual: state(context, event.prior_state),
        });
    }
    kinds.extend(of_rules(context, event, follows));
    if let Some(field) = &event.missing {
        kinds.push(ViolationKind::MissingField {
            field: field.clone(),
        });
    }
    if let Some(before) = before {
        kinds.extend(of_time(event, before));
    }
    // The database does not say yes where it compares with nothing.
    if kinds.is_empty() {
        kinds.push(ViolationKind::Incomplete);
    }
    kinds
}

/// What the rules say of the event type, of the state after it and, if the event before it is there,
/// of the version.
fn of_rules(context: &EntityContext, event: &SuspectEvent, follows: bool) -> Vec<ViolationKind> {
    let machine = context.rules.machine;
    let number = i16::try_from(event.event_type).ok();
    let Some(event_type) = number.and_then(|number| context.codes.index(number)) else {
        return vec![ViolationKind::UnknownEventType {
            number: event.event_type,
        }];
    };
    let mut kinds = Vec::new();
    // A state with bits that are no event type is told where it began.
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
    let before = event.before.as_ref().map(|before| before.generation);
    let expected = match before {
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

fn of_time(event: &SuspectEvent, before: &Before) -> Vec<ViolationKind> {
    let mut kinds = Vec::new();
    if before.is_later {
        kinds.push(ViolationKind::Earlier {
            recorded_at: event.recorded_at.clone(),
            before: before.recorded_at.clone(),
        });
    }
    if event.log_seq <= before.log_seq {
        kinds.push(ViolationKind::ClockGoesBack {
            log_seq: event.log_seq,
            before: before.log_seq,
        });
    }
    kinds
}

fn of_head(context: &EntityContext, suspect: SuspectHead) -> Vec<ViolationKind> {
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

/// The names of the event types in a state, and the bits that are none.
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
