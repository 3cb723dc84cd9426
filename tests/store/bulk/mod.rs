//! Imports and exports of whole logs.

pub mod auto_transitions;
pub mod chunks;
pub mod counters;
pub mod import;
pub mod races;
