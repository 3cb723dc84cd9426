//! Checks of events that begin a new generation: ES030 to ES032.

use super::state_space::StateSpace;
use super::{Code, Finding, Subject, words};
use crate::{StateSet, Transition};

pub(super) fn check(space: &StateSpace, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    let initial: Vec<StateSet> = machine.initial_states();
    // Later than the first event; a step to the empty state has a finding of its own.
    let later = |step: Transition| step.from != 0 && step.to != 0;
    for (event, rule) in machine.rules() {
        let name = words::name(machine, event);
        let elsewhere = |step: Transition| later(step) && !initial.contains(&space.state(step.to));
        let back = |step: Transition| {
            later(step) && step.from != step.to && initial.contains(&space.state(step.to))
        };
        if rule.restarting
            && let Some(seen) = space.evidence_after(event, elsewhere)
        {
            let states = initial
                .iter()
                .map(|state| words::state(machine, *state))
                .collect();
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(
                    Code::RestartsElsewhere,
                    Subject::Restarting(event),
                    format!(
                        "{name} is marked `restarting`, but does not lead back to an initial state"
                    ),
                )
                .note(shown)
                .note(format!(
                    "expected the state after a first event: {}",
                    words::listed(states, "or")
                ))
                .help("say `accumulate = alias(..)` of a first event, or remove the mark")
                .or_allow("only a new generation is intended")
                .shown_by(seen.path, seen.states),
            );
        }
        if rule.restarting
            && space.complete
            && space.is_legal(event)
            && space.steps(event).all(|step| step.from == 0)
        {
            findings.push(
                Finding::new(
                    Code::NeverRestarts,
                    Subject::Restarting(event),
                    format!("{name} is marked `restarting`, but may only be the first event"),
                )
                .note("the first event is of generation 1 with or without the mark")
                .help(format!(
                    "remove the mark, or let {name} follow later events too"
                ))
                .or_allow("it is intended"),
            );
        }
        if !rule.restarting
            && let Some(seen) = space.evidence_after(event, back)
        {
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(
                    Code::SilentRestart,
                    Subject::Event(event),
                    format!("{name} returns to an initial state, but is not marked `restarting`"),
                )
                .note(shown)
                .help("mark it as `restarting` if a new generation of the entity begins")
                .or_allow("it is intended")
                .shown_by(seen.path, seen.states),
            );
        }
    }
}
