use std::fmt::Write;

use super::{Drawing, RenderError};
use crate::Machine;

/// Draws the machine in DOT, the language of Graphviz.
///
/// # Errors
/// [`RenderError`] if the picture would be too large to read.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let graph = render::dot(&machine).unwrap();
/// assert!(graph.starts_with("digraph \"light\" {\n"));
/// assert!(graph.contains("s0 -> s1 [label=\"LIT\"];"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
pub fn dot(machine: &Machine) -> Result<String, RenderError> {
    Drawing::of(machine).map(|drawing| drawing.dot())
}

impl Drawing {
    /// Writes the picture in DOT.
    #[must_use]
    pub fn dot(&self) -> String {
        // Writing into a string cannot fail.
        let mut out = String::new();
        let _ = writeln!(out, "digraph {} {{", quoted([self.title()]));
        if let Some(note) = self.note() {
            let _ = writeln!(out, "    label={};", quoted([note]));
        }
        out.push_str("    node [shape=box, style=rounded, fontname=\"monospace\", fontsize=11];\n");
        out.push_str("    edge [fontname=\"monospace\", fontsize=10];\n");
        out.push_str(
            "    s0 [shape=circle, style=filled, fillcolor=black, label=\"\", width=0.2];\n",
        );
        for (position, state) in self.boxes.iter().enumerate().skip(1) {
            let label = quoted(state.lines.iter().map(String::as_str));
            let last = if state.last { ", peripheries=2" } else { "" };
            let _ = writeln!(out, "    s{position} [label={label}{last}];");
        }
        for arrow in &self.arrows {
            let label = quoted(arrow.events.iter().map(|event| event.text.as_str()));
            let auto = if arrow.auto { ", style=dashed" } else { "" };
            let _ = writeln!(
                out,
                "    s{} -> s{} [label={label}{auto}];",
                arrow.from, arrow.to
            );
        }
        out.push_str("}\n");
        out
    }
}

/// Writes a string of DOT, in which Graphviz also reads HTML character references.
fn quoted<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines: Vec<String> = lines
        .into_iter()
        .map(|line| {
            line.replace('&', "&amp;")
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
        })
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}
