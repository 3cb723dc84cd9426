//! Feed: one order of all events, its readers, and the sequencers that give positions.

mod committed;
mod followers;
mod function;
mod order;
mod pages;
mod sequencer;
mod takeover;
