//! Pictures of machines: content, layout and correctness.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod conventions;
mod exports;
mod hostile_names;
mod layout;
mod machines;
mod quotient;
