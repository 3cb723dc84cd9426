//! Horizontal positions: the second half of a layered layout.

use super::layers::{Layers, SlotContent};

/// Width of a slot to the left and to the right of its point.
#[derive(Clone, Copy)]
pub(super) struct SlotExtent {
    pub(super) left: f64,
    pub(super) right: f64,
}

/// Computes the horizontal position of every slot.
///
/// No two slots in a row overlap, and arrows run as straight as that allows. The leftmost slot
/// begins at 0.
pub(super) fn horizontal(layers: &Layers, extents: &[SlotExtent]) -> Vec<f64> {
    let neighbours = layers.neighbours();
    let mut x = vec![0.0; layers.slots.len()];
    for row in &layers.rows {
        let wanted = vec![(0.0, 1.0); row.len()];
        place(row, &wanted, extents, &mut x);
    }
    let count = layers.rows.len();
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        // First everything follows what is above it, or below it; then both.
        let both = round >= ROUNDS / 2;
        for step in 0..count {
            let row = &layers.rows[if down { step } else { count - 1 - step }];
            let wanted: Vec<(f64, f64)> = row
                .iter()
                .map(|slot| {
                    let (above, below) = &neighbours[*slot];
                    let used = [(above, down || both), (below, !down || both)];
                    let near = used.iter().filter(|(_, used)| *used);
                    let near = near.flat_map(|(slots, _)| slots.iter());
                    let (mut sum, mut weights) = (0.0, 0.0);
                    for other in near {
                        let weight = stiffness(layers, *slot, *other);
                        sum += weight * x[*other];
                        weights += weight;
                    }
                    if weights > 0.0 {
                        (sum / weights, weights)
                    } else {
                        (x[*slot], 0.1)
                    }
                })
                .collect();
            place(row, &wanted, extents, &mut x);
        }
    }
    let reach = |(slot, x): (usize, &f64)| x - extents[slot].left;
    let least = x.iter().enumerate().map(reach).fold(f64::MAX, f64::min);
    x.iter().map(|x| x - least).collect()
}

/// Number of rounds, enough for pictures of forty boxes to settle.
const ROUNDS: usize = 60;

/// Returns how strongly two neighbours are aligned: a long arrow should run straight.
fn stiffness(layers: &Layers, one: usize, other: usize) -> f64 {
    let is_box = |slot: usize| matches!(layers.slots[slot].content, SlotContent::Box(_));
    match (is_box(one), is_box(other)) {
        (false, false) => 12.0,
        _ => 1.0,
    }
}

/// Places the slots of a row as near as possible to their wanted positions, by weighted least
/// squares: isotonic regression by pooling adjacent violators.
fn place(row: &[usize], wanted: &[(f64, f64)], extents: &[SlotExtent], x: &mut [f64]) {
    struct Pool {
        mean: f64,
        weight: f64,
        count: usize,
    }
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    let mut pools: Vec<Pool> = Vec::new();
    for (position, slot) in row.iter().enumerate() {
        if position > 0 {
            offset += extents[row[position - 1]].right + extents[*slot].left;
        }
        offsets.push(offset);
        let (target, weight) = wanted[position];
        let mut pool = Pool {
            mean: target - offset,
            weight,
            count: 1,
        };
        while let Some(before) = pools.pop_if(|before| before.mean > pool.mean) {
            let weight = before.weight + pool.weight;
            pool = Pool {
                mean: (before.mean * before.weight + pool.mean * pool.weight) / weight,
                weight,
                count: before.count + pool.count,
            };
        }
        pools.push(pool);
    }
    let means = pools
        .iter()
        .flat_map(|pool| std::iter::repeat_n(pool.mean, pool.count));
    for ((slot, offset), mean) in row.iter().zip(offsets).zip(means) {
        x[*slot] = mean + offset;
    }
}
