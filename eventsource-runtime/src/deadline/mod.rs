//! Timed events: written when their time has come, if they are legal then.
//!
//! * `builder`: the subscription of a machine's timers.
//! * `consumer`: keeps a row for each timer that runs, and looks at those whose time has come.
//! * `write`: writes what is due for one entity.
//! * `rows`: the table of timers.
//!
//! A row only says when to look at an entity. What is due there is computed from its events, and is appended
//! after the last of them: so a row that is out of date, or a worker that is no longer the owner, can make
//! nothing happen early, twice, or where it is illegal.

mod builder;
mod consumer;
mod rows;
mod write;

pub use builder::timers;
