//! Events that somebody has stored past the program, and that it cannot read: each reader goes on.

mod readers;
mod tampering;
