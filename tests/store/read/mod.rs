//! Reads: histories, folds, and searches of entities and of events, now and at earlier points.

pub mod entities;
pub mod events;
pub mod fold;
pub mod history;
