use std::fmt::Write;

use crate::printable::printable;
use crate::{Accumulator, EventIndex, Exploration, Machine, StateSet, Timer};

/// Writes the rules of a machine as a Markdown table, one row per event type.
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
        let roles = (!rule.roles.is_empty()).then(|| format!("by {}", codes(&rule.roles)));
        let readers =
            (!rule.readers.is_empty()).then(|| format!("read by {}", codes(&rule.readers)));
        let marks: Vec<String> = [
            (rule.restarting, "restarting"),
            (rule.auto_transition, "auto transition"),
            (rule.terminal, "terminal"),
            (rule.internal && rule.timer.is_none(), "internal"),
            (rule.rejection, "rejection"),
        ]
        .into_iter()
        .filter(|(marked, _)| *marked)
        .map(|(_, word)| word.to_owned())
        .chain(rule.timer.as_ref().map(timer_words))
        .chain(roles)
        .chain(readers)
        .collect();
        let cells = [
            code(&rule.name),
            code(&machine.formula_text(&rule.follows)),
            code(&state_after(machine, event, &rule.accumulate)),
            codes(&rule.requires),
            marks.join(", "),
        ];
        // A bar would end the cell, in code too.
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        // Writing into a string cannot fail.
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    if machine.is_public() {
        out.push_str("\nEverybody may read it.\n");
    }
    if !machine.readers().is_empty() {
        let _ = writeln!(out, "\nOnly {} may read it.", codes(machine.readers()));
    }
    out
}

/// Describes one event type in Markdown: when it is legal, what it requires, and its transitions.
///
/// Of many transitions the first few are listed, and how many more there are.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")).requires(["level"]),
/// ]))?;
/// let dimmed = machine.index_of("DIMMED").unwrap();
/// assert_eq!(render::markdown_event(&machine, &machine.explore(100), dimmed), "\
/// `DIMMED` is legal if `LIT`; it requires `level`.
///
/// * `{LIT}` → `{DIMMED}`
/// ");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
///
/// # Panics
/// If the event type or the exploration is of another machine.
#[must_use]
pub fn markdown_event(machine: &Machine, exploration: &Exploration, event: EventIndex) -> String {
    let rule = machine.rule(event);
    let mut out = format!(
        "{} is legal if {}",
        code(&rule.name),
        code(&machine.formula_text(&rule.follows))
    );
    // Writing into a string cannot fail.
    if !rule.requires.is_empty() {
        let _ = write!(out, "; it requires {}", codes(&rule.requires));
    }
    out.push('.');
    if !rule.roles.is_empty() {
        let _ = write!(out, " Only {} may write it.", codes(&rule.roles));
    }
    if !rule.readers.is_empty() {
        let readers = codes(&rule.readers);
        let _ = write!(out, " Only {readers} may see its fields.");
    }
    for (marked, sentence) in [
        (rule.restarting, " It begins a new generation."),
        (
            rule.auto_transition,
            " The store writes it by itself as soon as it is legal.",
        ),
        (rule.terminal, " The entity's life ends with it."),
        (
            rule.internal && rule.timer.is_none(),
            " The program itself writes it, and no client.",
        ),
        (
            rule.rejection,
            " It records a refusal, and leaves everything as it was.",
        ),
    ] {
        if marked {
            out.push_str(sentence);
        }
    }
    match &rule.timer {
        Some(Timer::After { .. }) => {
            let waits = rule
                .timer
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let waits = waits.trim_start_matches("after ");
            let _ = write!(
                out,
                " It is written by itself when it has been legal for {waits}, and by no client."
            );
        }
        Some(Timer::At { field }) => {
            let field = code(field);
            let _ = write!(
                out,
                " It is written by itself when it is legal and the time in {field} has come, and by no client."
            );
        }
        None => {}
    }
    out.push_str("\n\n");
    if !exploration.is_complete() {
        let after = state_after(machine, event, &rule.accumulate);
        let _ = writeln!(out, "State after: {}.", code(&after));
        return out;
    }
    let braces = |position: usize| match exploration.states()[position].state {
        StateSet::EMPTY => "(new)".to_owned(),
        state => code(&format!("{{{}}}", machine.names(state).join(", "))),
    };
    let steps = || {
        exploration
            .transitions()
            .iter()
            .filter(|step| step.event == event)
    };
    let count = steps().count();
    if count == 0 {
        out.push_str("It is legal in no reachable state.\n");
    }
    // One more line is as short as the line that says it is missing.
    let shown = if count <= LISTED + 1 { count } else { LISTED };
    for step in steps().take(shown) {
        let _ = writeln!(out, "* {} → {}", braces(step.from), braces(step.to));
    }
    if shown < count {
        let _ = writeln!(out, "* and from {} more states", count - shown);
    }
    out
}

/// Largest number of transitions that are listed.
const LISTED: usize = 5;

/// Writes a timer in a table: `after 3 days`, `at` and the field as code.
fn timer_words(timer: &Timer) -> String {
    match timer {
        Timer::After { .. } => timer.to_string(),
        Timer::At { field } => format!("at {}", code(field)),
    }
}

fn codes(texts: &[impl AsRef<str>]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| code(text.as_ref())).collect();
    texts.join(", ")
}

/// Writes a code span, in more backticks than the text has in a row (CommonMark 6.1).
fn code(text: &str) -> String {
    let text = printable(text);
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let longest = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default() + 1);
    format!("{fence} {text} {fence}")
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
