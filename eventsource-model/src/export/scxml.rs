use std::fmt::Write;

use super::TooManyStates;
use super::ids::{ids, is_word};
use super::steps::explore;
use crate::Machine;
use crate::printable::printable;

/// The machine as SCXML, the W3C's notation for state charts
/// (<https://www.w3.org/TR/scxml/>, 2015).
///
/// A state `s0`, `s1`, .. is one that can be reached, `s0` the empty one; a comment lists the names
/// in it, and the event that is written by itself there. `<final>` where nothing follows. Events
/// have their own names, or `event_` and a number if SCXML would read those otherwise (`*`, dots,
/// spaces, what is not ASCII); a comment says which.
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
            let (event, to) = (&ids[step.event.get()], step.to);
            let _ = writeln!(out, "    <transition event=\"{event}\" target=\"s{to}\"/>");
        }
        out.push_str("  </state>\n");
    }
    out.push_str("</scxml>\n");
    Ok(out)
}

/// What may stand in a comment of XML: no two hyphens, and only what XML counts as characters.
fn comment(text: &str) -> String {
    printable(text).replace('-', "\u{2010}")
}
