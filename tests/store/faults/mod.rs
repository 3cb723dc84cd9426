//! Servers, processes and connections that are killed or stopped while they work.

mod crashes;
mod killed_creators;
mod lost_answers;
mod stopped;
