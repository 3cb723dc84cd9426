use std::fmt::Write;

use super::drawing::{Arrow, StateBox};
use super::geometry::{HEAD, LOOP, MARGIN, PlacedDrawing, TURN};
use super::words::{BOX_LINE, LABEL_LINE};
use super::{Drawing, RenderError};
use crate::Machine;

/// Draws the machine as an SVG element for an HTML page.
///
/// The picture takes the text colour of the page around it, so it suits light and dark.
/// [`Drawing::svg_file`] stands alone.
///
/// # Errors
/// [`RenderError`] if the picture would be too large to read.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let picture = render::svg(&machine).unwrap();
/// assert!(picture.contains("<title>light</title>"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
pub fn svg(machine: &Machine) -> Result<String, RenderError> {
    Drawing::of(machine).map(|drawing| drawing.svg())
}

impl Drawing {
    /// Writes the picture as an SVG element, in the text colour of the page around it.
    ///
    /// The element has no blank line, which would end HTML in Markdown, and no script, style or
    /// reference.
    #[must_use]
    pub fn svg(&self) -> String {
        PlacedDrawing::of(self).write("")
    }

    /// Writes the picture as an SVG file that follows the reader's choice of light or dark.
    #[must_use]
    pub fn svg_file(&self) -> String {
        PlacedDrawing::of(self).write(
            "<style>:root{color:#1f2328;background:#fff}@media(prefers-color-scheme:dark)\
             {:root{color:#dfe3e8;background:#14171b}}</style>\n",
        )
    }
}

const FONT: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// Shapes of the picture, grouped by style so that each style is written once.
#[derive(Default)]
struct StyleGroups {
    lines: String,
    heads: String,
    frames: String,
    names: String,
    labels: String,
}

impl StyleGroups {
    /// Writes the lines of a label, to the right of `x` and centred at the height `middle`.
    fn label(&mut self, lines: &[String], x: f64, middle: f64) {
        text(&mut self.labels, lines, (x, middle), LABEL_LINE);
    }

    fn path(&mut self, pen: Pen, dashed: bool, head: Option<&str>) {
        let dashes = if dashed {
            " stroke-dasharray=\"5 4\""
        } else {
            ""
        };
        let (x, y) = (round(pen.x), round(pen.y));
        // Writing into a string cannot fail.
        let _ = writeln!(self.lines, "<path d=\"{}\"{dashes}/>", pen.finish());
        if let Some(head) = head {
            let _ = writeln!(self.heads, "<path d=\"M{x} {y}{head}\"/>");
        }
    }
}

impl PlacedDrawing<'_> {
    fn write(&self, style: &str) -> String {
        let (width, height) = (self.width.ceil(), self.height.ceil());
        let drawing = self.drawing;
        let mut sheets = StyleGroups::default();
        for (position, arrow) in drawing.arrows.iter().enumerate() {
            self.arrow(&mut sheets, position, arrow);
        }
        for (position, state) in drawing.boxes.iter().enumerate() {
            self.state(&mut sheets, position, state);
        }
        if let Some(note) = drawing.note() {
            sheets.label(&[note.to_owned()], MARGIN, MARGIN + LABEL_LINE / 2.0);
        }
        let legend: Vec<String> = drawing.legend().iter().map(ToString::to_string).collect();
        let middle = self.height - MARGIN / 2.0 - legend.len() as f64 * LABEL_LINE / 2.0;
        sheets.label(&legend, MARGIN, middle);

        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" fill=\"none\" \
             stroke=\"currentColor\" font-family=\"{FONT}\">",
        );
        let _ = writeln!(
            out,
            "<title>{}</title>\n<desc>{}</desc>",
            escape(drawing.title()),
            escape(&drawing.description())
        );
        out.push_str(style);
        let filled = "stroke=\"none\" fill=\"currentColor\"";
        for (attributes, sheet) in [
            ("opacity=\".7\"".to_owned(), &sheets.lines),
            (filled.to_owned(), &sheets.heads),
            (
                "fill=\"currentColor\" fill-opacity=\".07\"".to_owned(),
                &sheets.frames,
            ),
            (
                format!("{filled} font-size=\"12\" text-anchor=\"middle\""),
                &sheets.names,
            ),
            (
                format!("{filled} font-size=\"11\" opacity=\".85\""),
                &sheets.labels,
            ),
        ] {
            if !sheet.is_empty() {
                let _ = writeln!(out, "<g {attributes}>\n{sheet}</g>");
            }
        }
        out.push_str("</svg>\n");
        out
    }

    fn state(&self, sheets: &mut StyleGroups, position: usize, state: &StateBox) {
        let [left, top, right, bottom] = self.edges(position).map(f64::round);
        let (x, middle) = (round(self.x[position]), (top + bottom) / 2.0);
        if position == 0 {
            let dot = format!("<circle cx=\"{x}\" cy=\"{middle}\" r=\"6\"/>");
            let _ = writeln!(sheets.heads, "{dot}");
            return;
        }
        let insets: &[f64] = if state.last { &[0.0, 3.0] } else { &[0.0] };
        for inset in insets {
            let _ = writeln!(
                sheets.frames,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
                left + inset,
                top + inset,
                right - left - 2.0 * inset,
                bottom - top - 2.0 * inset,
                6.0 - inset,
            );
        }
        text(
            &mut sheets.names,
            &self.boxes[position],
            (x, middle),
            BOX_LINE,
        );
    }

    fn arrow(&self, sheets: &mut StyleGroups, position: usize, arrow: &Arrow) {
        let way = &self.layers.routes[position];
        let row_of = |slot: usize| self.layers.slots[slot].row;
        let (from, to) = (row_of(arrow.from), row_of(arrow.to));
        if arrow.from == arrow.to {
            self.self_loop(sheets, position, arrow);
            return;
        }
        let (downward, turns) = (from < to, from == to);
        // Between boxes of one row it leaves and arrives below them.
        let below = downward || turns;
        let [_, top, _, bottom] = self.edges(arrow.from);
        let x = self.port(arrow.from, position, below);
        let mut pen = Pen::at(x, if below { bottom } else { top });
        let (top, bottom) = self.rows[from];
        pen.straight(if below { bottom } else { top });
        for slot in &way.slots {
            let (top, bottom) = self.rows[row_of(*slot)];
            if turns {
                pen.curve(self.leg(*slot, arrow.from), top);
                pen.straight(bottom - TURN / 2.0);
                pen.turn(self.leg(*slot, arrow.to));
                pen.straight(top);
            } else {
                let (near, far) = if downward {
                    (top, bottom)
                } else {
                    (bottom, top)
                };
                pen.curve(self.x[*slot], near);
                pen.straight(far);
            }
        }
        if let Some(slot) = way.joins {
            let (top, bottom) = self.rows[row_of(slot)];
            pen.curve(self.x[slot], if downward { top } else { bottom });
            sheets.path(pen, arrow.auto, None);
        } else {
            let (row_top, row_bottom) = self.rows[to];
            let [_, top, _, bottom] = self.edges(arrow.to);
            let x = self.port(arrow.to, position, !downward);
            // The curve ends with the row, and where the head begins.
            if downward {
                pen.curve(x, row_top.min(top - HEAD));
                pen.straight(top - HEAD);
            } else {
                pen.curve(x, row_bottom.max(bottom + HEAD));
                pen.straight(bottom + HEAD);
            }
            let tip = if downward { HEAD } else { -HEAD };
            let head = format!("h-4l4 {tip} 4 {}z", -tip);
            sheets.path(pen, arrow.auto, Some(&head));
        }
        if let Some(slot) = way.slots.first() {
            let (top, bottom) = self.rows[row_of(*slot)];
            let (right, up) = if turns {
                (TURN, TURN / 4.0)
            } else {
                (0.0, 0.0)
            };
            let (x, middle) = (self.x[*slot] + right + 6.0, (top + bottom) / 2.0 - up);
            sheets.label(&self.labels[position], x, middle);
        }
    }

    fn self_loop(&self, sheets: &mut StyleGroups, position: usize, arrow: &Arrow) {
        let [_, top, right, bottom] = self.edges(arrow.from);
        let loops = || self.loops(arrow.from);
        let all = self.loops_height(arrow.from);
        let before = loops().take_while(|own| *own != position);
        let before: f64 = before.map(|own| self.loop_height(own)).sum();
        let middle = (top + bottom - all) / 2.0 + before + self.loop_height(position) / 2.0;
        let mut pen = Pen::at(right, middle - 6.0);
        pen.bulge(right + LOOP + 2.0, (right + HEAD, middle + 6.0));
        sheets.path(pen, arrow.auto, Some(&format!("v-4l-{HEAD} 4 {HEAD} 4z")));
        sheets.label(&self.labels[position], right + LOOP, middle);
    }
}

/// Path that is being drawn.
struct Pen {
    path: String,
    x: f64,
    y: f64,
    /// Height up to which the path is written; the way from there to `y` is straight.
    written: f64,
}

impl Pen {
    fn at(x: f64, y: f64) -> Self {
        let path = format!("M{} {}", round(x), round(y));
        Self {
            path,
            x,
            y,
            written: y,
        }
    }

    fn straight(&mut self, y: f64) {
        self.y = y;
    }

    /// Draws a curve to a point, vertical at both ends.
    fn curve(&mut self, x: f64, y: f64) {
        if round(x) != round(self.x) {
            let middle = (self.y + y) / 2.0;
            self.bezier([(self.x, middle), (x, middle), (x, y)]);
        }
        (self.x, self.y) = (x, y);
    }

    /// Draws a turn to the leg at `x`, which runs the other way.
    fn turn(&mut self, x: f64) {
        let below = self.y + TURN * 0.66;
        self.bezier([(self.x, below), (x, below), (x, self.y)]);
    }

    /// Draws a loop out to the right and back.
    fn bulge(&mut self, out: f64, end: (f64, f64)) {
        self.bezier([(out, self.y - 4.0), (out, end.1 + 2.0), end]);
    }

    fn bezier(&mut self, points: [(f64, f64); 3]) {
        self.write_straight();
        let [_, _, end] = points;
        let points = points.map(|(x, y)| format!("{} {}", round(x), round(y)));
        self.path.push('C');
        self.path.push_str(&points.join(" "));
        (self.x, self.y) = end;
        self.written = self.y;
    }

    fn write_straight(&mut self) {
        if round(self.y) != round(self.written) {
            // Writing into a string cannot fail.
            let _ = write!(self.path, "V{}", round(self.y));
        }
        self.written = self.y;
    }

    fn finish(mut self) -> String {
        self.write_straight();
        self.path
    }
}

fn text(out: &mut String, lines: &[String], (x, middle): (f64, f64), line: f64) {
    let above = (lines.len() as f64 - 1.0) / 2.0 * line;
    // The baseline is a third of the letters' height below the middle.
    let first = middle - above + 4.0;
    for (position, text) in lines.iter().enumerate() {
        let (x, y) = (round(x), round(first + position as f64 * line));
        // Writing into a string cannot fail.
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
    }
}

impl Drawing {
    /// Writes the description for readers who do not see the picture.
    fn description(&self) -> String {
        let count = self.boxes.len() - 1;
        let mut text = match self.note() {
            Some(note) => format!("{note}."),
            None if count == 1 => "1 state.".to_owned(),
            None => format!("{count} states."),
        };
        let names = |state: &StateBox| state.lines.join(", ");
        let first: Vec<&str> = (self.arrows.iter())
            .filter(|arrow| arrow.from == 0)
            .flat_map(|arrow| arrow.events.iter().map(|event| event.text.as_str()))
            .collect();
        let last: Vec<String> = (self.boxes.iter().skip(1))
            .filter(|state| state.last)
            .map(names)
            .collect();
        if !first.is_empty() {
            let _ = write!(text, " Begins with {}.", first.join(" or "));
        }
        if !last.is_empty() {
            let _ = write!(text, " Ends in {}.", last.join(" or "));
        }
        text
    }
}

/// Rounds to half a pixel.
fn round(number: f64) -> f64 {
    (number * 2.0).round() / 2.0 + 0.0
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
