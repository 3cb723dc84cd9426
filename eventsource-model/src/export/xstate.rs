use std::fmt::Write;

use super::TooManyStates;
use super::ids::{ids, is_word};
use super::steps::explore;
use crate::{Machine, StateSet, Timer, Transition};

/// Exports the machine as JSON for XState 5: `createMachine(JSON.parse(text))`.
///
/// The states `s0`, `s1`, .. are the reachable ones, `s0` the empty state; `meta.state` lists the
/// names in a state, `meta.auto` the auto transition that is due there. `type` is `final` where
/// nothing can follow. An event has its own name, or `event_` and a number listed in the machine's
/// `meta.events` if XState would read the name otherwise (`*`, dots, letters beyond ASCII).
///
/// A timed event is a delayed transition, `after` so many milliseconds, with its name in `meta.event`;
/// for one that happens at the time in a field, give the machine a delay `at_` and the field's name.
/// XState begins to wait when a state is entered, the runtime when the event becomes legal: they differ
/// where other events happen meanwhile and the timed one stays legal.
///
/// # Errors
/// [`TooManyStates`] if there are more than `cap`, the empty one included.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, export};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let json = export::xstate(&machine, 1000).unwrap();
/// assert!(json.contains(r#""on": {"LIT": {"target": "s1"}}"#));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
pub fn xstate(machine: &Machine, cap: usize) -> Result<String, TooManyStates> {
    let exploration = explore(machine, cap)?;
    let ids = ids(machine, |name| is_word(name, true));
    // Writing into a string cannot fail.
    let mut out = String::from("{\n");
    let name = string(machine.name());
    let _ = write!(out, "  \"id\": \"machine\",\n  \"initial\": \"s0\",\n");
    let _ = write!(out, "  \"meta\": {{\"name\": {name}, \"events\": {{");
    for (event, rule) in machine.rules() {
        let separator = if event.get() == 0 { "" } else { ", " };
        let (id, name) = (string(&ids[event.get()]), string(&rule.name));
        let _ = write!(out, "{separator}{id}: {{\"name\": {name}");
        for (key, list) in [
            ("requires", &rule.requires),
            ("by", &rule.roles),
            ("readBy", &rule.readers),
        ] {
            if !list.is_empty() {
                let list = list.iter().map(AsRef::as_ref);
                let _ = write!(out, ", \"{key}\": {}", strings(list));
            }
        }
        for (key, is) in [
            ("restarting", rule.restarting),
            ("terminal", rule.terminal),
            ("internal", rule.internal),
            ("rejection", rule.rejection),
        ] {
            if is {
                let _ = write!(out, ", \"{key}\": true");
            }
        }
        if let Some(timer) = &rule.timer {
            let _ = write!(out, ", \"timer\": {}", string(&timer.to_string()));
        }
        out.push('}');
    }
    out.push_str("}},\n  \"states\": {\n");
    let last = exploration.states().len() - 1;
    for (position, found) in exploration.states().iter().enumerate() {
        let (state, steps) = (found.state, exploration.steps_from(position));
        let _ = write!(out, "    \"s{position}\": {{");
        if steps.is_empty() {
            out.push_str("\"type\": \"final\"");
        } else {
            let (timed, others): (Vec<&Transition>, Vec<&Transition>) =
                (steps.iter()).partition(|step| machine.rule(step.event).timer.is_some());
            let on: Vec<String> = (others.into_iter())
                .map(|step| {
                    let event = string(&ids[step.event.get()]);
                    format!("{event}: {{\"target\": \"s{}\"}}", step.to)
                })
                .collect();
            let _ = write!(out, "\"on\": {{{}}}", on.join(", "));
            if !timed.is_empty() {
                let after = delays(machine, &timed, &ids);
                let _ = write!(out, ", \"after\": {{{after}}}");
            }
        }
        let _ = write!(out, ", \"meta\": {}}}", meta(machine, state, &ids));
        out.push_str(if position < last { ",\n" } else { "\n" });
    }
    out.push_str("  }\n}\n");
    Ok(out)
}

/// Writes the delayed transitions of a state, those with the same delay as a list.
fn delays(machine: &Machine, timed: &[&Transition], ids: &[String]) -> String {
    let mut delays: Vec<(String, Vec<String>)> = Vec::new();
    for step in timed {
        let delay = match &machine.rule(step.event).timer {
            Some(Timer::At { field }) => format!("at_{field}"),
            Some(Timer::After { seconds }) => format!("{seconds}000"),
            None => continue,
        };
        let event = string(&ids[step.event.get()]);
        let transition = format!(
            "{{\"target\": \"s{}\", \"meta\": {{\"event\": {event}}}}}",
            step.to
        );
        match delays.iter_mut().find(|(known, _)| *known == delay) {
            Some((_, transitions)) => transitions.push(transition),
            None => delays.push((delay, vec![transition])),
        }
    }
    let delays: Vec<String> = (delays.iter())
        .map(|(delay, transitions)| match transitions.as_slice() {
            [one] => format!("{}: {one}", string(delay)),
            several => format!("{}: [{}]", string(delay), several.join(", ")),
        })
        .collect();
    delays.join(", ")
}

fn meta(machine: &Machine, state: StateSet, ids: &[String]) -> String {
    let names = strings(machine.names(state).into_iter());
    match machine.auto_transition(state) {
        Some(event) => {
            let event = string(&ids[event.get()]);
            format!("{{\"state\": {names}, \"auto\": {event}}}")
        }
        None => format!("{{\"state\": {names}}}"),
    }
}

fn strings<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(string).collect();
    format!("[{}]", texts.join(", "))
}

/// Writes a JSON string (RFC 8259, section 7).
fn string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // The line separators too, for those who paste it into a script.
            '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
