//! Servers, processes and connections that are killed or stopped while they work.

pub mod crashes;
pub mod killed_creators;
pub mod stopped;
