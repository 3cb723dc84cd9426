//! The feed: one order of all events, its readers, and the sequencers that give the positions.

pub mod pages;
pub mod sequencer;
