//! Workloads, one kind in each file.

pub mod append;
pub mod bulk;
pub mod bytes;
pub mod check;
pub mod feed;
pub mod hot;
pub mod load;
pub mod many;
pub mod memory;
pub mod search;

use std::sync::Arc;

use crate::measure::{Turns, median};
use crate::server::Server;
use crate::sides::Side;

/// Context of every workload.
pub struct Bench {
    pub server: Server,
    pub turns: Turns,
    /// Whether the run is short, to check that it works.
    pub quick: bool,
}

pub type Sides = Vec<Arc<dyn Side>>;

/// Runs all sides in turn, so that other load on the machine affects all of them alike; returns the
/// median of each. A side that answers `None` has no median.
async fn by_turns(
    sides: &Sides,
    rounds: usize,
    measure: impl AsyncFn(&Arc<dyn Side>) -> Option<f64>,
) -> Vec<Option<f64>> {
    let mut values = vec![Vec::new(); sides.len()];
    for _ in 0..rounds {
        for (side, values) in sides.iter().zip(&mut values) {
            values.extend(measure(side).await);
        }
    }
    let known = values.into_iter().map(|values| Some(median(values)));
    known
        .map(|value| value.filter(|value| value.is_finite()))
        .collect()
}

/// Converts columns of values to rows of sides.
fn rows(sides: &Sides, columns: Vec<Vec<Option<f64>>>) -> Vec<(String, Vec<Option<f64>>)> {
    let row = |at: usize| columns.iter().map(|column| column[at]).collect();
    let named = sides.iter().enumerate();
    named
        .map(|(at, side)| (side.name().to_owned(), row(at)))
        .collect()
}
