//! Whole logs, in and out.

mod alone;
mod copy;
mod export;
mod write;
mod writer;

pub(crate) use export::Log;
pub(crate) use writer::Writer;
