//! Snapshots of folds, kept by one store or by several.

pub mod folds;
pub mod sharing;
