//! Appends that are sent together: each is told what is true of it, and nobody waits for others.

pub mod batches;
pub mod paths;
pub mod sharing;
