use std::fmt::Write;

use super::drawable;
use crate::Machine;

/// The machine as a Mermaid state diagram, or `None` if it has more than
/// [`MAX_DRAWN_STATES`](super::MAX_DRAWN_STATES) states.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let diagram = render::mermaid(&machine).unwrap();
/// assert!(diagram.starts_with("stateDiagram-v2\n"));
/// assert!(diagram.contains("[*] --> s1 : LIT"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[must_use]
pub fn mermaid(machine: &Machine) -> Option<String> {
    let exploration = drawable(machine)?;
    let mut out = String::from("stateDiagram-v2\n");
    let name = |position: usize| match position {
        0 => "[*]".to_owned(),
        position => format!("s{position}"),
    };
    // Writing into a string cannot fail.
    for (position, found) in exploration.states().iter().enumerate().skip(1) {
        let names = machine.names(found.state).join(", ");
        let _ = writeln!(out, "    state \"{names}\" as s{position}");
    }
    // One arrow for all events between two states: Mermaid draws several over each other.
    let mut arrows: Vec<(usize, usize, String)> = Vec::new();
    for step in exploration.transitions() {
        let rule = machine.rule(step.event);
        let mark = if rule.auto_transition { " (auto)" } else { "" };
        let label = format!("{}{mark}", rule.name);
        let same = |arrow: &&mut (usize, usize, String)| (arrow.0, arrow.1) == (step.from, step.to);
        match arrows.iter_mut().find(same) {
            Some((_, _, labels)) => {
                labels.push_str(", ");
                labels.push_str(&label);
            }
            None => arrows.push((step.from, step.to, label)),
        }
    }
    for (from, to, labels) in arrows {
        let _ = writeln!(out, "    {} --> {} : {labels}", name(from), name(to));
    }
    for (position, found) in exploration.states().iter().enumerate().skip(1) {
        if machine.available(found.state).next().is_none() {
            let _ = writeln!(out, "    s{position} --> [*]");
        }
    }
    Some(out)
}
