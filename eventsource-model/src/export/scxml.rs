use std::fmt::Write;

use super::TooManyStates;
use super::ids::{ids, is_word};
use super::steps::explore;
use crate::printable::printable;
use crate::{Machine, Timer};

/// Exports the machine as SCXML, the state chart notation of the W3C.
///
/// See <https://www.w3.org/TR/scxml/> (2015).
///
/// The states `s0`, `s1`, .. are the reachable ones, `s0` the empty state; a comment lists the
/// names in a state and the auto transition that is due there. A state that nothing can follow is a
/// `<final>`. An event has its own name, or `event_` and a number with a comment if SCXML would
/// read the name otherwise (`*`, dots, spaces, letters beyond ASCII).
///
/// A timed event is sent with a delay when a state is entered in which it is legal, and the sending is
/// canceled when the state is left. One that happens at the time in a field is only named in a comment:
/// SCXML's default data model has no times.
///
/// # Errors
/// [`TooManyStates`] if there are more than `cap`, the empty one included.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, export};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let xml = export::scxml(&machine, 1000).unwrap();
/// assert!(xml.contains(r#"<transition event="LIT" target="s1"/>"#));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
pub fn scxml(machine: &Machine, cap: usize) -> Result<String, TooManyStates> {
    let exploration = explore(machine, cap)?;
    let ids = ids(machine, |name| is_word(name, true));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing into a string cannot fail.
    let _ = writeln!(out, "<!-- {} -->", comment(machine.name()));
    for (event, rule) in machine.rules() {
        let id = &ids[event.get()];
        if *id != rule.name {
            let _ = writeln!(out, "<!-- {id}: {} -->", comment(&rule.name));
        }
    }
    out.push_str(
        "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" initial=\"s0\">\n",
    );
    for (position, found) in exploration.states().iter().enumerate() {
        let (state, steps) = (found.state, exploration.steps_from(position));
        let names = comment(&machine.names(state).join(", "));
        let auto = machine
            .auto_transition(state)
            .map(|event| &ids[event.get()]);
        let auto = auto.map(|event| format!("; {event} is written by itself"));
        let _ = writeln!(out, "  <!-- {{{names}}}{} -->", auto.unwrap_or_default());
        if steps.is_empty() {
            let _ = writeln!(out, "  <final id=\"s{position}\"/>");
            continue;
        }
        let _ = writeln!(out, "  <state id=\"s{position}\">");
        for step in steps {
            let event = &ids[step.event.get()];
            match &machine.rule(step.event).timer {
                Some(Timer::After { seconds }) => {
                    let id = format!("{event}.timer");
                    let _ = writeln!(
                        out,
                        "    <onentry><send event=\"{event}\" delay=\"{seconds}s\" id=\"{id}\"/></onentry>\n    \
                         <onexit><cancel sendid=\"{id}\"/></onexit>"
                    );
                }
                Some(Timer::At { field }) => {
                    let field = comment(field);
                    let _ = writeln!(out, "    <!-- {event} happens at the time in {field} -->");
                }
                None => {}
            }
        }
        for step in steps {
            let (event, to) = (&ids[step.event.get()], step.to);
            let _ = writeln!(out, "    <transition event=\"{event}\" target=\"s{to}\"/>");
        }
        out.push_str("  </state>\n");
    }
    out.push_str("</scxml>\n");
    Ok(out)
}

/// Makes the text fit for an XML comment: without double hyphens and characters that XML excludes.
fn comment(text: &str) -> String {
    printable(text).replace('-', "\u{2010}")
}
