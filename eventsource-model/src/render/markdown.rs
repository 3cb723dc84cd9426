use std::fmt::Write;

use crate::{Accumulator, EventIndex, Machine};

/// The rules of a machine as a Markdown table, one row an event type.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")).requires(["level"]),
/// ]))?;
/// let table = render::markdown_table(&machine);
/// assert!(table.contains("| `DIMMED` | `LIT` | `{DIMMED}` | `level` |  |"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[must_use]
pub fn markdown_table(machine: &Machine) -> String {
    let mut out = String::from(
        "| event | follows | state after | requires |  |\n| --- | --- | --- | --- | --- |\n",
    );
    for (event, rule) in machine.rules() {
        let name = |event: &EventIndex| {
            Ok::<_, std::convert::Infallible>(machine.name_of(*event).to_owned())
        };
        let follows = rule
            .follows
            .try_map(&mut { name })
            .map_or_else(|_| String::new(), |formula| formula.to_string());
        let requires: Vec<String> = rule.requires.iter().map(|f| format!("`{f}`")).collect();
        let marks: Vec<&str> = [
            (rule.restarting, "restarting"),
            (rule.auto_transition, "auto transition"),
            (rule.terminal, "terminal"),
        ]
        .into_iter()
        .filter_map(|(marked, word)| marked.then_some(word))
        .collect();
        // Writing into a string cannot fail. A bar inside code would end the cell.
        let _ = writeln!(
            out,
            "| `{}` | `{}` | `{}` | {} | {} |",
            rule.name,
            follows.replace('|', "\\|"),
            state_after(machine, event, &rule.accumulate),
            requires.join(", "),
            marks.join(", "),
        );
    }
    out
}

fn state_after(machine: &Machine, event: EventIndex, accumulator: &Accumulator) -> String {
    let list = |events: &[EventIndex]| {
        let names: Vec<&str> = events.iter().map(|event| machine.name_of(*event)).collect();
        names.join(", ")
    };
    match accumulator {
        Accumulator::Current => format!("{{{}}}", machine.name_of(event)),
        Accumulator::Keep => "as before".to_owned(),
        Accumulator::Union => format!("before + {}", machine.name_of(event)),
        Accumulator::Alias(other) => format!("{{{}}}", machine.name_of(*other)),
        Accumulator::Addition(events) => format!("before + {}", list(events)),
        Accumulator::Difference(events) => format!("before - {}", list(events)),
        Accumulator::Compose(parts) => {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| state_after(machine, event, part))
                .collect();
            if parts.is_empty() {
                "as before".to_owned()
            } else {
                parts.join(", then ")
            }
        }
    }
}
