//! Geometry of a picture, in pixels.

use super::Drawing;
use super::coordinates::{SlotExtent, horizontal};
use super::layers::{Layers, SlotContent};
use super::words::{
    BOX_LINE, LABEL_LETTER, LABEL_LINE, box_width, label_lines, letters, text_width, wrap,
};

pub(super) const MARGIN: f64 = 12.0;
/// Height between two rows, enough for a curve.
const GAP: f64 = 22.0;
pub(super) const HEAD: f64 = 7.0;
/// Width of an arrow from a box to itself.
pub(super) const LOOP: f64 = 22.0;
/// Distance between the two legs of an arrow that turns.
pub(super) const TURN: f64 = 20.0;

/// Drawing with a position for everything in it.
pub(super) struct PlacedDrawing<'a> {
    pub(super) drawing: &'a Drawing,
    pub(super) layers: Layers,
    /// Horizontal position by slot.
    pub(super) x: Vec<f64>,
    /// Lines of text in each box.
    pub(super) boxes: Vec<Vec<String>>,
    /// Lines of text at each arrow.
    pub(super) labels: Vec<Vec<String>>,
    /// Top and bottom of each row.
    pub(super) rows: Vec<(f64, f64)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl<'a> PlacedDrawing<'a> {
    pub(super) fn of(drawing: &'a Drawing) -> Self {
        let layers = Layers::of(drawing);
        let boxes: Vec<Vec<String>> = drawing
            .boxes
            .iter()
            .map(|state| wrap(&state.lines))
            .collect();
        let labels: Vec<Vec<String>> = drawing.arrows.iter().map(label_lines).collect();
        let mut extents: Vec<SlotExtent> = Vec::with_capacity(layers.slots.len());
        for slot in &layers.slots {
            let around = |left, right| SlotExtent { left, right };
            extents.push(match slot.content {
                SlotContent::Box(0) => around(14.0, 14.0),
                SlotContent::Box(position) => {
                    let half = box_width(&boxes[position]) / 2.0 + 12.0;
                    around(half, half)
                }
                SlotContent::Label(arrow) => around(7.0, 14.0 + text_width(&labels[arrow])),
                SlotContent::Turn(arrow) => around(7.0, 14.0 + TURN + text_width(&labels[arrow])),
                SlotContent::Bend => around(7.0, 7.0),
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
            picture.width = picture
                .width
                .max(letters(line) * LABEL_LETTER + 2.0 * MARGIN);
        }
        picture.height += legend.len() as f64 * LABEL_LINE;
        picture
    }

    /// Computes the top and bottom of each row.
    fn stack_rows(&mut self) {
        let mut y = MARGIN;
        if self.drawing.note().is_some() {
            y += LABEL_LINE + 10.0;
        }
        for row in 0..self.layers.rows.len() {
            if row > 0 {
                y += self.gap_above(row);
            }
            let heights = self.layers.rows[row]
                .iter()
                .map(|slot| self.slot_height(*slot));
            let height = heights.fold(0.0, f64::max);
            self.rows.push((y, y + height));
            y += height;
        }
        self.height = y + MARGIN + 4.0;
    }

    /// Returns the gap above a row: wide curves need more height to stay apart.
    fn gap_above(&self, row: usize) -> f64 {
        let links = self.layers.links.iter();
        let widest = links
            .filter(|link| self.layers.slots[link.lower].row == row)
            .map(|link| (self.x[link.upper] - self.x[link.lower]).abs())
            .fold(0.0, f64::max);
        GAP + (widest / 14.0).min(30.0)
    }

    fn slot_height(&self, slot: usize) -> f64 {
        match self.layers.slots[slot].content {
            SlotContent::Box(0) => self.loops_height(0).max(16.0),
            SlotContent::Box(position) => self.box_height(position),
            SlotContent::Label(arrow) => self.labels[arrow].len() as f64 * LABEL_LINE,
            SlotContent::Turn(arrow) => self.labels[arrow].len() as f64 * LABEL_LINE + TURN / 2.0,
            SlotContent::Bend => 0.0,
        }
    }

    /// Returns the height of a box: enough for its lines and for the arrows from it to itself.
    fn box_height(&self, position: usize) -> f64 {
        if position == 0 {
            return 12.0;
        }
        let text = self.boxes[position].len() as f64 * BOX_LINE + 14.0;
        text.max(self.loops_height(position) + 4.0)
    }

    /// Returns the height of all arrows from a box to itself.
    pub(super) fn loops_height(&self, position: usize) -> f64 {
        self.loops(position)
            .map(|arrow| self.loop_height(arrow))
            .sum()
    }

    pub(super) fn loops(&self, position: usize) -> impl Iterator<Item = usize> {
        let arrows = self.drawing.arrows.iter().enumerate();
        let own = arrows.filter(move |(_, arrow)| arrow.from == position && arrow.to == position);
        own.map(|(arrow, _)| arrow)
    }

    pub(super) fn loop_height(&self, arrow: usize) -> f64 {
        (self.labels[arrow].len() as f64 * LABEL_LINE).max(20.0) + 2.0
    }

    fn box_width(&self, position: usize) -> f64 {
        if position == 0 {
            12.0
        } else {
            box_width(&self.boxes[position])
        }
    }

    /// Returns the left, top, right and bottom of a box.
    pub(super) fn edges(&self, position: usize) -> [f64; 4] {
        let (top, bottom) = self.rows[self.layers.slots[position].row];
        let (x, y) = (self.x[position], (top + bottom) / 2.0);
        let (half, height) = (
            self.box_width(position) / 2.0,
            self.box_height(position) / 2.0,
        );
        [x - half, y - height, x + half, y + height]
    }

    /// Returns the point on a box where an arrow begins or ends.
    ///
    /// The arrows on one side are in the order in which they arrive, so that they do not cross.
    pub(super) fn port(&self, position: usize, arrow: usize, below: bool) -> f64 {
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

    /// Returns the horizontal position of an arrow at `slot`; one that turns has a leg on either
    /// side.
    pub(super) fn leg(&self, slot: usize, to_box: usize) -> f64 {
        let x = self.x[slot];
        if let SlotContent::Turn(arrow) = self.layers.slots[slot].content {
            let arrow = &self.drawing.arrows[arrow];
            let other = arrow.from + arrow.to - to_box;
            if self.x[other] < self.x[to_box] {
                return x + TURN;
            }
        }
        x
    }
}
