use std::fmt::Write;

use super::drawable;
use crate::{EventIndex, Machine};

/// The machine for a terminal: each state, and below it the legal events with the state that each
/// leads to. `None` if it has more than [`MAX_DRAWN_STATES`](super::MAX_DRAWN_STATES) states.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// assert_eq!(render::text(&machine).unwrap(), "\
/// (new)
///   LIT     -> {LIT}
/// {LIT}
///   DIMMED  -> {DIMMED}
/// {DIMMED}  end
/// ");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[must_use]
pub fn text(machine: &Machine) -> Option<String> {
    let exploration = drawable(machine)?;
    let label = |event: EventIndex| {
        let rule = machine.rule(event);
        let mark = if rule.auto_transition { " (auto)" } else { "" };
        format!("{}{mark}", rule.name)
    };
    let width = machine
        .events()
        .map(|event| label(event).chars().count())
        .max()
        .unwrap_or_default();
    let braces = |position: usize| {
        let state = exploration.states()[position].state;
        if state.is_empty() {
            "(new)".to_owned()
        } else {
            format!("{{{}}}", machine.names(state).join(", "))
        }
    };
    let mut out = String::new();
    let mut steps = exploration.transitions().iter().peekable();
    for position in 0..exploration.states().len() {
        out.push_str(&braces(position));
        if steps.peek().is_none_or(|step| step.from != position) {
            out.push_str("  end");
        }
        out.push('\n');
        while let Some(step) = steps.next_if(|step| step.from == position) {
            // Writing into a string cannot fail.
            let _ = writeln!(
                out,
                "  {:width$}  -> {}",
                label(step.event),
                braces(step.to)
            );
        }
    }
    Some(out)
}
