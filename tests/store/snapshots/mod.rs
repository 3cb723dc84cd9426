//! Snapshots of folds: they save reading and never change a value.

mod folds;
mod sharing;
mod stale;
mod story;
