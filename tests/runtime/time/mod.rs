//! Time: events that are written when their time has come.

pub mod machines;
mod schedules;
mod timers;
mod workers;
