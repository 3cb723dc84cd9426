//! Checks of events that begin a new generation: ES030 to ES032.

use super::space::Space;
use super::{Code, Finding, Place, words};
use crate::{StateSet, Transition};

pub(super) fn check(space: &Space, findings: &mut Vec<Finding>) {
    let machine = space.machine;
    let initial: Vec<StateSet> = machine.initial_states();
    // Later than the first event; what makes the state empty is reported as that.
    let later = |step: Transition| step.from != 0 && step.to != 0;
    for (event, rule) in machine.rules() {
        let name = words::name(machine, event);
        let elsewhere = |step: Transition| later(step) && !initial.contains(&space.state(step.to));
        let back = |step: Transition| {
            later(step) && step.from != step.to && initial.contains(&space.state(step.to))
        };
        if rule.restarting
            && let Some(seen) = space.seen_after(event, elsewhere)
        {
            let states = initial
                .iter()
                .map(|state| words::state(machine, *state))
                .collect();
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(
                    Code::RestartsElsewhere,
                    Place::Restarting(event),
                    format!("{name} is marked `restarting`, but does not lead back to a beginning"),
                )
                .note(shown)
                .note(format!(
                    "expected the state after a first event: {}",
                    words::listed(states, "or")
                ))
                .help("say `accumulate = alias(..)` of a first event, or remove the mark")
                .or_allow("only a new version is meant")
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
                    Place::Restarting(event),
                    format!("{name} is marked `restarting`, but may only be the first event"),
                )
                .note("the first event is of version 1 with or without the mark")
                .help(format!(
                    "remove the mark, or let {name} follow later events too"
                ))
                .or_allow("it is meant"),
            );
        }
        if !rule.restarting
            && let Some(seen) = space.seen_after(event, back)
        {
            let shown = space.reached(&seen);
            findings.push(
                Finding::new(
                    Code::SilentRestart,
                    Place::Event(event),
                    format!("{name} returns to a beginning, but is not marked `restarting`"),
                )
                .note(shown)
                .help("mark it as `restarting` if a new version of the entity begins")
                .or_allow("it is meant")
                .shown_by(seen.path, seen.states),
            );
        }
    }
}
