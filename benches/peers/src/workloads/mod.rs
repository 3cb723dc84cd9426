//! What is measured, one kind a file.

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

/// What every workload is given.
pub struct Bench {
    pub server: Server,
    pub turns: Turns,
    /// A short run, to see that it works.
    pub quick: bool,
}

pub type Sides = Vec<Arc<dyn Side>>;

/// All sides by turns, so that what the machine does meanwhile is done to all of them; the median of
/// what each has. A side that answers `None` has none.
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

/// Columns of values to rows of sides.
fn rows(sides: &Sides, columns: Vec<Vec<Option<f64>>>) -> Vec<(String, Vec<Option<f64>>)> {
    let row = |at: usize| columns.iter().map(|column| column[at]).collect();
    let named = sides.iter().enumerate();
    named
        .map(|(at, side)| (side.name().to_owned(), row(at)))
        .collect()
}
