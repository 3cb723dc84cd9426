//! Scan of the text of a payload: its fields, and what no reader of the log could read.
//!
//! * `scanner`: one pass over the text, without values in between.

mod scanner;
#[cfg(test)]
mod tests;

pub(crate) use scanner::{Content, Fault, Field, Problem, RESERVED, Scanned, scan, scan_document};
