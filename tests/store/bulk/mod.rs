//! Imports and exports of whole logs, at once, in chunks, and beside appends.

mod auto_transitions;
mod chunks;
mod counters;
mod exclusive;
mod import;
mod races;
