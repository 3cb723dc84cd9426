use std::fmt::Write;

use super::coordinates::{Extent, horizontal};
use super::drawing::{Arrow, StateBox};
use super::layers::{Item, Layers};
use super::{Drawing, NotDrawn};
use crate::Machine;

/// The machine as an SVG element, to put into a page: it takes the text colour of what is around
/// it, so it suits light and dark. [`Drawing::svg_file`] stands alone.
///
/// # Errors
/// [`NotDrawn`] if it cannot be drawn so that a person can read it.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let picture = render::svg(&machine).unwrap();
/// assert!(picture.contains("<title>light</title>"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
pub fn svg(machine: &Machine) -> Result<String, NotDrawn> {
    Drawing::of(machine).map(|drawing| drawing.svg())
}

impl Drawing {
    /// The picture as an SVG element, in the text colour of the page around it. There is no blank
    /// line in it, which would end HTML in Markdown, and no script, style or reference.
    #[must_use]
    pub fn svg(&self) -> String {
        Picture::of(self).write("")
    }

    /// The picture as an SVG file, which follows the reader's choice of light or dark.
    #[must_use]
    pub fn svg_file(&self) -> String {
        Picture::of(self).write(
            "<style>:root{color:#1f2328;background:#fff}@media(prefers-color-scheme:dark)\
             {:root{color:#dfe3e8;background:#14171b}}</style>\n",
        )
    }
}

// Everything in pixels. All widths follow from the width of a letter, which all fonts of one width
// share but for a few percent.
const BOX_LETTER: f64 = 7.3;
const BOX_LINE: f64 = 16.0;
const LABEL_LETTER: f64 = 6.7;
const LABEL_LINE: f64 = 14.0;
const MARGIN: f64 = 12.0;
/// The longest line, in letters, where it can be broken.
const WRAP: usize = 34;
/// What a curve between two rows needs.
const GAP: f64 = 22.0;
const HEAD: f64 = 7.0;
/// How far an arrow from a box to itself swings out.
const LOOP: f64 = 22.0;
/// Between the two legs of an arrow that turns.
const TURN: f64 = 20.0;
const FONT: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

struct Picture<'a> {
    drawing: &'a Drawing,
    layers: Layers,
    /// For each slot.
    x: Vec<f64>,
    /// The lines in each box.
    boxes: Vec<Vec<String>>,
    /// The lines at each arrow.
    labels: Vec<Vec<String>>,
    /// Top and bottom of each row.
    rows: Vec<(f64, f64)>,
    width: f64,
    height: f64,
}

impl<'a> Picture<'a> {
    fn of(drawing: &'a Drawing) -> Self {
        let layers = Layers::of(drawing);
        let boxes: Vec<Vec<String>> = drawing.boxes.iter().map(|state| wrap(&state.lines)).collect();
        let labels: Vec<Vec<String>> = drawing.arrows.iter().map(label_lines).collect();
        let mut extents: Vec<Extent> = Vec::with_capacity(layers.slots.len());
        for slot in &layers.slots {
            let around = |left, right| Extent { left, right };
            extents.push(match slot.item {
                Item::Box(0) => around(14.0, 14.0),
                Item::Box(position) => {
                    let half = box_width(&boxes[position]) / 2.0 + 12.0;
                    around(half, half)
                }
                Item::Label(arrow) => around(7.0, 14.0 + text_width(&labels[arrow])),
                Item::Turn(arrow) => around(7.0, 14.0 + TURN + text_width(&labels[arrow])),
                Item::Bend => around(7.0, 7.0),
            });
        }
        // Loops hang on the right side of their box, one below the other.
        for (arrow, lines) in drawing.arrows.iter().zip(&labels) {
            if arrow.from == arrow.to {
                let half = extents[arrow.from].left;
                let right = half + LOOP + text_width(lines) + 8.0;
                extents[arrow.from].right = extents[arrow.from].right.max(right);
            }
        }
        let x: Vec<f64> = (horizontal(&layers, &extents).iter())
            .map(|x| x + MARGIN)
            .collect();
        let mut width = 2.0 * MARGIN;
        for (x, extent) in x.iter().zip(&extents) {
            width = f64::max(width, x + extent.right + MARGIN);
        }
        let mut picture = Self {
            drawing,
            layers,
            x,
            boxes,
            labels,
            rows: Vec::new(),
            width,
            height: 0.0,
        };
        picture.stack_rows();
        let legend = drawing.legend();
        let notes = legend.iter().copied().chain(drawing.note());
        for line in notes {
            picture.width = picture.width.max(letters(line) * LABEL_LETTER + 2.0 * MARGIN);
        }
        picture.height += legend.len() as f64 * LABEL_LINE;
        picture
    }

    /// Gives each row its top and bottom.
    fn stack_rows(&mut self) {
        let mut y = MARGIN;
        if self.drawing.note().is_some() {
            y += LABEL_LINE + 10.0;
        }
        for row in 0..self.layers.rows.len() {
            if row > 0 {
                y += self.gap_above(row);
            }
            let heights = self.layers.rows[row].iter().map(|slot| self.slot_height(*slot));
            let height = heights.fold(0.0, f64::max);
            self.rows.push((y, y + height));
            y += height;
        }
        self.height = y + MARGIN + 4.0;
    }

    /// Wide curves need more height to stay apart.
    fn gap_above(&self, row: usize) -> f64 {
        let links = self.layers.links.iter();
        let widest = links
            .filter(|link| self.layers.slots[link.lower].row == row)
            .map(|link| (self.x[link.upper] - self.x[link.lower]).abs())
            .fold(0.0, f64::max);
        GAP + (widest / 14.0).min(30.0)
    }

    fn slot_height(&self, slot: usize) -> f64 {
        match self.layers.slots[slot].item {
            Item::Box(0) => 16.0,
            Item::Box(position) => self.box_height(position),
            Item::Label(arrow) => self.labels[arrow].len() as f64 * LABEL_LINE,
            Item::Turn(arrow) => self.labels[arrow].len() as f64 * LABEL_LINE + TURN / 2.0,
            Item::Bend => 0.0,
        }
    }

    /// High enough for its lines and for the arrows from it to itself.
    fn box_height(&self, position: usize) -> f64 {
        if position == 0 {
            return 12.0;
        }
        let text = self.boxes[position].len() as f64 * BOX_LINE + 14.0;
        let loops = self.loops(position).map(|arrow| self.loop_height(arrow));
        text.max(loops.sum::<f64>() + 4.0)
    }

    fn loops(&self, position: usize) -> impl Iterator<Item = usize> {
        let arrows = self.drawing.arrows.iter().enumerate();
        let own = arrows.filter(move |(_, arrow)| arrow.from == position && arrow.to == position);
        own.map(|(arrow, _)| arrow)
    }

    fn loop_height(&self, arrow: usize) -> f64 {
        (self.labels[arrow].len() as f64 * LABEL_LINE).max(20.0) + 2.0
    }

    fn box_width(&self, position: usize) -> f64 {
        if position == 0 {
            12.0
        } else {
            box_width(&self.boxes[position])
        }
    }

    /// Left, top, right and bottom of a box.
    fn edges(&self, position: usize) -> [f64; 4] {
        let (top, bottom) = self.rows[self.layers.slots[position].row];
        let (x, y) = (self.x[position], (top + bottom) / 2.0);
        let (half, height) = (self.box_width(position) / 2.0, self.box_height(position) / 2.0);
        [x - half, y - height, x + half, y + height]
    }

    /// Where on its box an arrow begins or ends: the arrows on one side in the order in which they
    /// come, so that they do not cross.
    fn port(&self, position: usize, arrow: usize, below: bool) -> f64 {
        let mut others: Vec<(f64, usize)> = Vec::new();
        for link in &self.layers.links {
            let (here, there) = if below {
                (link.upper, link.lower)
            } else {
                (link.lower, link.upper)
            };
            if here == position {
                others.push((self.leg(there, position), link.arrow));
            }
        }
        others.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let count = others.len() as f64;
        let place = others.iter().position(|(_, other)| *other == arrow);
        let place = place.unwrap_or_default() as f64;
        let spread = ((self.box_width(position) - 10.0) / count).min(26.0);
        self.x[position] + (place - (count - 1.0) / 2.0) * spread
    }

    /// Where the arrow at `slot` runs; one that turns has a leg on either side.
    fn leg(&self, slot: usize, to_box: usize) -> f64 {
        let x = self.x[slot];
        if let Item::Turn(arrow) = self.layers.slots[slot].item {
            let arrow = &self.drawing.arrows[arrow];
            let other = arrow.from + arrow.to - to_box;
            if self.x[other] < self.x[to_box] {
                return x + TURN;
            }
        }
        x
    }

    fn write(&self, style: &str) -> String {
        let (width, height) = (self.width.ceil(), self.height.ceil());
        let drawing = self.drawing;
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
        if let Some(note) = drawing.note() {
            let lines = [note.to_owned()];
            self.text(&mut out, &lines, Words::small(MARGIN, MARGIN + LABEL_LINE / 2.0));
        }
        for (position, arrow) in drawing.arrows.iter().enumerate() {
            self.arrow(&mut out, position, arrow);
        }
        for (position, state) in drawing.boxes.iter().enumerate() {
            self.state(&mut out, position, state);
        }
        let legend: Vec<String> = drawing.legend().iter().map(ToString::to_string).collect();
        let middle = self.height - MARGIN / 2.0 - legend.len() as f64 * LABEL_LINE / 2.0;
        self.text(&mut out, &legend, Words::small(MARGIN, middle));
        out.push_str("</svg>\n");
        out
    }

    fn state(&self, out: &mut String, position: usize, state: &StateBox) {
        let [left, top, right, bottom] = self.edges(position).map(f64::round);
        let middle = (top + bottom) / 2.0;
        if position == 0 {
            let x = self.x[0].round();
            let _ = writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{middle}\" r=\"6\" fill=\"currentColor\"/>"
            );
            return;
        }
        let mut frame = |inset: f64, fill: &str| {
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"{fill}/>",
                left + inset,
                top + inset,
                right - left - 2.0 * inset,
                bottom - top - 2.0 * inset,
                6.0 - inset,
            );
        };
        frame(0.0, " fill=\"currentColor\" fill-opacity=\".07\"");
        if state.last {
            frame(3.0, "");
        }
        let words = Words {
            x: self.x[position].round(),
            middle,
            line: BOX_LINE,
            attributes: "font-size=\"12\" text-anchor=\"middle\"",
        };
        self.text(out, &self.boxes[position], words);
    }

    fn arrow(&self, out: &mut String, position: usize, arrow: &Arrow) {
        let way = &self.layers.ways[position];
        let row_of = |position: usize| self.layers.slots[position].row;
        if arrow.from == arrow.to {
            self.self_loop(out, position, arrow);
            return;
        }
        let downward = row_of(arrow.from) < row_of(arrow.to);
        let turns = row_of(arrow.from) == row_of(arrow.to);
        let (start, end) = (self.edges(arrow.from), self.edges(arrow.to));
        // 3 is the bottom edge, 1 the top.
        let leaves_below = downward || turns;
        let mut pen = Pen::at(
            self.port(arrow.from, position, leaves_below),
            start[if leaves_below { 3 } else { 1 }],
        );
        let (top, bottom) = self.rows[row_of(arrow.from)];
        pen.straight(if leaves_below { bottom } else { top });
        for slot in way {
            let (top, bottom) = self.rows[row_of(*slot)];
            if turns {
                let (down, up) = (self.leg(*slot, arrow.from), self.leg(*slot, arrow.to));
                pen.curve(down, top);
                pen.straight(bottom - TURN / 2.0);
                pen.turn(up);
                pen.straight(top);
            } else {
                let (near, far) = if downward { (top, bottom) } else { (bottom, top) };
                pen.curve(self.x[*slot], near);
                pen.straight(far);
            }
        }
        let (top, bottom) = self.rows[row_of(arrow.to)];
        let x = self.port(arrow.to, position, !downward);
        if downward {
            // All of the curve lies between the rows; the head may not.
            pen.curve(x, top.min(end[1] - HEAD));
            pen.straight(end[1] - HEAD);
        } else {
            pen.curve(x, bottom.max(end[3] + HEAD));
            pen.straight(end[3] + HEAD);
        }
        let tip = if downward { HEAD } else { -HEAD };
        let head = format!("l-4 0 4 {tip} 4 {}z", -tip);
        pen.write(out, arrow.auto, &head);
        if let Some(slot) = way.first() {
            let (top, bottom) = self.rows[row_of(*slot)];
            let (right, up) = if turns { (TURN, TURN / 4.0) } else { (0.0, 0.0) };
            let words = Words::small(self.x[*slot] + right + 6.0, (top + bottom) / 2.0 - up);
            self.text(out, &self.labels[position], words);
        }
    }

    fn self_loop(&self, out: &mut String, position: usize, arrow: &Arrow) {
        let [_, top, right, bottom] = self.edges(arrow.from);
        let all: f64 = self.loops(arrow.from).map(|own| self.loop_height(own)).sum();
        let before = self.loops(arrow.from).take_while(|own| *own != position);
        let before: f64 = before.map(|own| self.loop_height(own)).sum();
        let middle =
            (top + bottom - all) / 2.0 + before + self.loop_height(position) / 2.0;
        let mut pen = Pen::at(right, middle - 6.0);
        let out_to = right + LOOP;
        let _ = write!(
            pen.path,
            "C{} {} {} {} {} {}",
            round(out_to + 2.0),
            round(middle - 10.0),
            round(out_to + 2.0),
            round(middle + 8.0),
            round(right + HEAD),
            round(middle + 6.0),
        );
        (pen.x, pen.y) = (right + HEAD, middle + 6.0);
        pen.write(out, arrow.auto, &format!("l0 -4 -{HEAD} 4 {HEAD} 4z"));
        let words = Words::small(right + LOOP, middle);
        self.text(out, &self.labels[position], words);
    }

    fn text(&self, out: &mut String, lines: &[String], words: Words) {
        let Words {
            x,
            middle,
            line,
            attributes,
        } = words;
        let above = (lines.len() as f64 - 1.0) / 2.0 * line;
        // A third of the letters' height below the middle is where they stand.
        let first = middle - above + 4.0;
        for (position, text) in lines.iter().enumerate() {
            let _ = writeln!(
                out,
                "<text x=\"{}\" y=\"{}\" {attributes} stroke=\"none\" fill=\"currentColor\">{}</text>",
                round(x),
                round(first + position as f64 * line),
                escape(text),
            );
        }
    }
}

/// Lines of text around a height.
struct Words {
    x: f64,
    middle: f64,
    line: f64,
    attributes: &'static str,
}

impl Words {
    fn small(x: f64, middle: f64) -> Self {
        Self {
            x,
            middle,
            line: LABEL_LINE,
            attributes: "font-size=\"11\" opacity=\".8\"",
        }
    }
}

/// A line being drawn.
struct Pen {
    path: String,
    x: f64,
    y: f64,
}

impl Pen {
    fn at(x: f64, y: f64) -> Self {
        let path = format!("M{} {}", round(x), round(y));
        Self { path, x, y }
    }

    fn straight(&mut self, y: f64) {
        if round(y) != round(self.y) {
            let _ = write!(self.path, "V{}", round(y));
        }
        self.y = y;
    }

    /// To a point, upright at both ends.
    fn curve(&mut self, x: f64, y: f64) {
        if round(x) == round(self.x) {
            self.straight(y);
            return;
        }
        let middle = round((self.y + y) / 2.0);
        let (from, to) = (round(self.x), round(x));
        let _ = write!(self.path, "C{from} {middle} {to} {middle} {to} {}", round(y));
        (self.x, self.y) = (x, y);
    }

    /// Around, to another height's way back.
    fn turn(&mut self, x: f64) {
        let below = round(self.y + TURN * 0.66);
        let (from, to, y) = (round(self.x), round(x), round(self.y));
        let _ = write!(self.path, "C{from} {below} {to} {below} {to} {y}");
        self.x = x;
    }

    fn write(self, out: &mut String, dashed: bool, head: &str) {
        let dashes = if dashed { " stroke-dasharray=\"5 4\"" } else { "" };
        let _ = writeln!(out, "<path d=\"{}\" opacity=\".7\"{dashes}/>", self.path);
        let (x, y) = (round(self.x), round(self.y));
        let _ = writeln!(
            out,
            "<path d=\"M{x} {y}{head}\" stroke=\"none\" fill=\"currentColor\"/>"
        );
    }
}

impl Drawing {
    /// For those who do not see the picture.
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

/// One event a line; several, if they are many.
fn label_lines(arrow: &Arrow) -> Vec<String> {
    let events = arrow.events.iter().map(|event| event.text.clone());
    let lines: Vec<String> = events.collect();
    if lines.len() > 4 {
        wrap(&[lines.join(", ")])
    } else {
        lines
    }
}

/// Breaks long lines after commas.
fn wrap(lines: &[String]) -> Vec<String> {
    let mut wrapped = Vec::new();
    for line in lines {
        let mut current = String::new();
        for part in line.split_inclusive(", ") {
            if !current.is_empty() && letters(&current) + letters(part) > WRAP as f64 {
                wrapped.push(std::mem::take(&mut current).trim_end().to_owned());
            }
            current.push_str(part);
        }
        wrapped.push(current);
    }
    wrapped
}

/// How many letters wide; those of East Asia are two.
fn letters(text: &str) -> f64 {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'..);
    text.chars().map(|c| if wide(c) { 2.0 } else { 1.0 }).sum()
}

fn box_width(lines: &[String]) -> f64 {
    let widest = lines.iter().map(|line| letters(line)).fold(0.0, f64::max);
    (widest * BOX_LETTER + 22.0).max(60.0)
}

fn text_width(lines: &[String]) -> f64 {
    lines.iter().map(|line| letters(line)).fold(0.0, f64::max) * LABEL_LETTER
}

/// Half a pixel is near enough.
fn round(number: f64) -> f64 {
    (number * 2.0).round() / 2.0 + 0.0
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
