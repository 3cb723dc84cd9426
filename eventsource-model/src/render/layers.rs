//! Rows and their order: the first half of a layered layout (Sugiyama, Tagawa and Toda, 1981).
//!
//! The row of a box is its distance from the start, in events. Between two rows of boxes is a row
//! of labels. An arrow has a slot for its label, and a narrow slot in each row that it passes, so
//! no two things overlap.

use super::Drawing;

/// Content of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotContent {
    /// Box of the drawing.
    Box(usize),
    /// Label of an arrow, right of the arrow.
    Label(usize),
    /// Label of an arrow between boxes of one row, which turns back up left of them.
    Turn(usize),
    /// Point where an arrow passes a row.
    Bend,
}

/// Position in a row.
pub(super) struct Slot {
    pub(super) content: SlotContent,
    pub(super) row: usize,
}

/// Part of an arrow between two slots in neighbouring rows.
#[derive(Clone, Copy)]
pub(super) struct ArrowSegment {
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) arrow: usize,
}

/// Slots in rows: even rows hold boxes, odd rows labels.
pub(super) struct Layers {
    /// All slots; the first are the boxes, in the drawing's order.
    pub(super) slots: Vec<Slot>,
    pub(super) rows: Vec<Vec<usize>>,
    pub(super) links: Vec<ArrowSegment>,
    /// Routes of the arrows, one each.
    pub(super) routes: Vec<Route>,
}

/// Route of an arrow.
#[derive(Default)]
pub(super) struct Route {
    /// Slots that the arrow passes, without the boxes at its ends.
    pub(super) slots: Vec<usize>,
    /// Arrow that this one joins and ends at, since both carry the same events to the same box.
    pub(super) joins: Option<usize>,
}

impl Layers {
    pub(super) fn of(drawing: &Drawing) -> Self {
        let ranks = ranks(drawing);
        let rows = ranks.iter().max().map_or(0, |rank| 2 * rank + 1);
        let mut layers = Self {
            slots: Vec::new(),
            rows: vec![Vec::new(); rows],
            links: Vec::new(),
            routes: Vec::new(),
        };
        for (position, rank) in ranks.iter().enumerate() {
            layers.add(SlotContent::Box(position), 2 * rank);
        }
        for (position, arrow) in drawing.arrows.iter().enumerate() {
            // An arrow comes after the one that it joins.
            let alike = |other: &usize| {
                let other = &drawing.arrows[*other];
                (other.to, other.auto, &other.events) == (arrow.to, arrow.auto, &arrow.events)
            };
            let alike: Vec<usize> = (0..position).filter(alike).collect();
            let way = layers.way(position, (arrow.from, arrow.to), &ranks, &alike);
            layers.routes.push(way);
        }
        layers.order();
        layers
    }

    fn add(&mut self, content: SlotContent, row: usize) -> usize {
        self.slots.push(Slot { content, row });
        // Arrows within the last row of boxes turn below it.
        if row >= self.rows.len() {
            self.rows.resize(row + 1, Vec::new());
        }
        self.rows[row].push(self.slots.len() - 1);
        self.slots.len() - 1
    }

    fn way(
        &mut self,
        arrow: usize,
        (from, to): (usize, usize),
        ranks: &[usize],
        alike: &[usize],
    ) -> Route {
        // An arrow from a box to itself belongs to the box.
        if from == to {
            return Route::default();
        }
        let (start, end) = (2 * ranks[from], 2 * ranks[to]);
        if start == end {
            let turn = self.add(SlotContent::Turn(arrow), start + 1);
            self.link(from, turn, arrow);
            self.link(to, turn, arrow);
            return Route {
                slots: vec![turn],
                joins: None,
            };
        }
        let rows: Vec<usize> = if start < end {
            (start + 1..end).collect()
        } else {
            (end + 1..start).rev().collect()
        };
        let mut way = Vec::with_capacity(rows.len());
        let mut before = from;
        for row in rows {
            if let Some(other) = self.passing(row, alike) {
                self.link(before, other, arrow);
                return Route {
                    slots: way,
                    joins: Some(other),
                };
            }
            let content = if way.is_empty() {
                SlotContent::Label(arrow)
            } else {
                SlotContent::Bend
            };
            let slot = self.add(content, row);
            self.link(before, slot, arrow);
            way.push(slot);
            before = slot;
        }
        self.link(before, to, arrow);
        Route {
            slots: way,
            joins: None,
        }
    }

    /// Finds the slot where one of these arrows passes the row.
    fn passing(&self, row: usize, arrows: &[usize]) -> Option<usize> {
        let passed = |slot: &&usize| {
            let slot = &self.slots[**slot];
            slot.row == row && !matches!(slot.content, SlotContent::Turn(_))
        };
        let routes = arrows.iter().map(|arrow| &self.routes[*arrow].slots);
        routes.flatten().find(passed).copied()
    }

    fn link(&mut self, one: usize, other: usize, arrow: usize) {
        let (upper, lower) = if self.slots[one].row < self.slots[other].row {
            (one, other)
        } else {
            (other, one)
        };
        self.links.push(ArrowSegment {
            upper,
            lower,
            arrow,
        });
    }

    /// Orders each row so that few links cross.
    ///
    /// Each slot moves to the mean of its neighbours, by turns down and up, and the best order is
    /// kept.
    fn order(&mut self) {
        let neighbours = self.neighbours();
        let mut place = vec![0; self.slots.len()];
        let mut best = self.rows.clone();
        let mut fewest = usize::MAX;
        for round in 0..ROUNDS {
            self.number(&mut place);
            let crossings = self.crossings(&place);
            if crossings < fewest {
                fewest = crossings;
                best.clone_from(&self.rows);
            }
            let down = round % 2 == 0;
            let count = self.rows.len();
            for step in 1..count {
                let row = if down { step } else { count - 1 - step };
                sort(&mut self.rows[row], &mut place, |slot| {
                    let (above, below) = &neighbours[slot];
                    if down { above } else { below }
                });
            }
        }
        self.rows = best;
    }

    /// Returns the neighbours of each slot in the row above, and in the row below.
    pub(super) fn neighbours(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut neighbours = vec![(Vec::new(), Vec::new()); self.slots.len()];
        for link in &self.links {
            neighbours[link.lower].0.push(link.upper);
            neighbours[link.upper].1.push(link.lower);
        }
        neighbours
    }

    fn number(&self, place: &mut [usize]) {
        for row in &self.rows {
            for (position, slot) in row.iter().enumerate() {
                place[*slot] = position;
            }
        }
    }

    fn crossings(&self, place: &[usize]) -> usize {
        let mut by_row: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.rows.len()];
        for link in &self.links {
            let ends = (place[link.upper], place[link.lower]);
            by_row[self.slots[link.upper].row].push(ends);
        }
        by_row
            .iter()
            .map(|ends| {
                let pairs = ends.iter().enumerate();
                pairs
                    .map(|(position, one)| {
                        let crosses = |other: &&(usize, usize)| {
                            (one.0 < other.0 && one.1 > other.1)
                                || (one.0 > other.0 && one.1 < other.1)
                        };
                        ends[position + 1..].iter().filter(crosses).count()
                    })
                    .sum::<usize>()
            })
            .sum()
    }
}

/// Number of rounds of ordering; more rarely make a difference.
const ROUNDS: usize = 16;

fn sort<'a>(row: &mut [usize], place: &mut [usize], near: impl Fn(usize) -> &'a Vec<usize>) {
    // In 1/1024 of a position: whole numbers sort the same on every machine.
    let mean = |slot: usize| {
        let near = near(slot);
        match near.len() {
            0 => 1024 * place[slot],
            count => 1024 * near.iter().map(|other| place[*other]).sum::<usize>() / count,
        }
    };
    row.sort_by_cached_key(|slot| mean(*slot));
    for (position, slot) in row.iter().enumerate() {
        place[*slot] = position;
    }
}

/// Returns the distance of each box from the start, in events.
///
/// Each box but the start has an arrow from a box that is one less away.
fn ranks(drawing: &Drawing) -> Vec<usize> {
    let mut ranks = vec![usize::MAX; drawing.boxes.len()];
    let mut row = vec![0];
    let mut rank = 0;
    while !row.is_empty() {
        for position in &row {
            ranks[*position] = rank;
        }
        let mut next = Vec::new();
        for arrow in &drawing.arrows {
            let new = ranks[arrow.to] == usize::MAX && !next.contains(&arrow.to);
            if new && row.contains(&arrow.from) {
                next.push(arrow.to);
            }
        }
        (row, rank) = (next, rank + 1);
    }
    ranks
}
