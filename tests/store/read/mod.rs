//! Reads: histories, folds, and searches of entities and of events, now and at earlier points.

mod entities;
mod events;
mod fold;
mod history;
mod parts;
mod readers;
mod statistics;
