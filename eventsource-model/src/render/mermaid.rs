use std::fmt::Write;

use super::{Drawing, RenderError};
use crate::Machine;

/// Draws the machine as a Mermaid flowchart.
///
/// Not as Mermaid's state diagram, which has neither dashed arrows nor a way to write every name.
///
/// # Errors
/// [`RenderError`] if the picture would be too large to read.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let diagram = render::mermaid(&machine).unwrap();
/// assert!(diagram.contains("flowchart TD\n"));
/// assert!(diagram.contains("s0 -->|\"LIT\"| s1"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
pub fn mermaid(machine: &Machine) -> Result<String, RenderError> {
    Drawing::of(machine).map(|drawing| drawing.mermaid())
}

impl Drawing {
    /// Writes the picture as a Mermaid flowchart.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        if let Some(note) = self.note() {
            let _ = writeln!(out, "%% {note}");
        }
        out.push_str("flowchart TD\n    s0((\" \"))\n");
        for (position, state) in self.boxes.iter().enumerate().skip(1) {
            let lines: Vec<String> = state.lines.iter().map(|line| escape(line)).collect();
            // Mermaid's shape with a double border.
            let (open, close) = if state.last { ("[[", "]]") } else { ("(", ")") };
            let text = lines.join("<br>");
            let _ = writeln!(out, "    s{position}{open}\"{text}\"{close}");
        }
        for arrow in &self.arrows {
            let events: Vec<String> = arrow.events.iter().map(|e| escape(&e.text)).collect();
            let line = if arrow.auto { "-.->" } else { "-->" };
            let _ = writeln!(
                out,
                "    s{} {line}|\"{}\"| s{}",
                arrow.from,
                events.join("<br>"),
                arrow.to,
            );
        }
        if let Some(note) = self.note() {
            let _ = writeln!(out, "    note[\"{}\"]:::note", escape(note));
            out.push_str("    classDef note fill:none,stroke:none\n");
        }
        out.push_str("    classDef start fill:#888,stroke:#888\n    class s0 start\n");
        out
    }
}

/// Escapes signs of Mermaid, Markdown and HTML as Mermaid's character references: `#34;` is a
/// quotation mark.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = c.is_alphanumeric() || matches!(c, ' ' | ',' | '_' | '(' | ')' | '\u{fffd}');
        if plain {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}
