//! Pictures of machines: what they show, that they can be read, and that they are true.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod conventions;
mod exports;
mod hostile_names;
mod layout;
mod machines;
mod quotient;
