//! Tests of commands and read models without a database.
//!
//! Uses the planner and the types of the layers below, and no driver.
//!
//! * `log`: events in memory, under the rules of the machine.
//! * `given`: what a command decides, given events.
//! * `view`: what a read model makes of events.
//! * `difference`: how a message shows what differs.

mod difference;
pub(crate) mod given;
mod log;
pub(crate) mod view;
