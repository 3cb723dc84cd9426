use std::fmt::Write;

use super::{Drawing, RenderError};
use crate::Machine;

/// Draws the machine as text for a terminal: each state, and below it the legal events with the
/// states they lead to.
///
/// # Errors
/// [`RenderError`] if the text would be too long to read.
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
pub fn text(machine: &Machine) -> Result<String, RenderError> {
    Drawing::of(machine).map(|drawing| drawing.text())
}

impl Drawing {
    /// Writes the picture as text for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let braces = |position: usize| match self.boxes[position].lines.join(" ") {
            lines if lines.is_empty() => "(new)".to_owned(),
            lines => format!("{{{lines}}}"),
        };
        // Boxes of several states have long names: arrows then lead to numbers.
        let numbered = self.note().is_some();
        let number = |position: usize| format!("#{position}");
        let labels = self.arrows.iter().flat_map(|arrow| &arrow.events);
        let width = labels.map(|label| label.text.chars().count()).max();
        let width = width.unwrap_or_default();
        // Writing into a string cannot fail.
        let mut out = String::new();
        if let Some(note) = self.note() {
            let _ = writeln!(out, "{note}");
        }
        for (position, state) in self.boxes.iter().enumerate() {
            if numbered && position > 0 {
                let _ = write!(out, "{} ", number(position));
            }
            out.push_str(&braces(position));
            out.push_str(if state.last { "  end\n" } else { "\n" });
            let arrows = self.arrows.iter().filter(|arrow| arrow.from == position);
            let mut steps: Vec<_> = arrows
                .flat_map(|arrow| arrow.events.iter().map(|label| (label, arrow.to)))
                .collect();
            steps.sort_by_key(|(label, _)| label.event);
            for (label, to) in steps {
                let to = if numbered && to > 0 {
                    number(to)
                } else {
                    braces(to)
                };
                let _ = writeln!(out, "  {:width$}  -> {to}", label.text);
            }
        }
        out
    }
}
