//! Workloads, one kind in each file.

pub mod append;
pub mod bulk;
pub mod bytes;
pub mod check;
pub mod deliver;
pub mod execute;
pub mod feed;
pub mod hot;
pub mod inline;
pub mod load;
pub mod many;
pub mod memory;
pub mod models;
pub mod nats;
pub mod projection;
pub mod rebuild;
pub mod saga;
pub mod search;
pub mod webhook;
pub mod worker;

use std::sync::Arc;

use crate::measure::{Measured, Turns};
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

/// Runs all sides in turn, so that other load on the machine affects all of them alike; returns what
/// each has measured. A side that answers `None` has measured nothing.
async fn by_turns(
    sides: &Sides,
    rounds: usize,
    measure: impl AsyncFn(&Arc<dyn Side>) -> Option<f64>,
) -> Vec<Option<Measured>> {
    let mut values = vec![Vec::new(); sides.len()];
    for _ in 0..rounds {
        for (side, values) in sides.iter().zip(&mut values) {
            values.extend(measure(side).await);
        }
    }
    values.into_iter().map(Measured::known).collect()
}

/// Measures each of `sides` by its number, in turn.
async fn by_number(
    sides: usize,
    rounds: usize,
    mut measure: impl AsyncFnMut(usize) -> f64,
) -> Vec<Option<Measured>> {
    let mut values = vec![Vec::new(); sides];
    for _ in 0..rounds {
        for (side, values) in values.iter_mut().enumerate() {
            values.push(measure(side).await);
        }
    }
    values.into_iter().map(Measured::known).collect()
}

/// Converts columns of values to rows of sides.
fn rows(
    sides: &Sides,
    columns: Vec<Vec<Option<Measured>>>,
) -> Vec<(String, Vec<Option<Measured>>)> {
    let row = |at: usize| columns.iter().map(|column| column[at]).collect();
    let named = sides.iter().enumerate();
    named
        .map(|(at, side)| (side.name().to_owned(), row(at)))
        .collect()
}
