#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg))]
#![doc = include_str!("../README.md")]

/// Compiles and runs the examples of the page for users.
#[cfg(doctest)]
#[doc = include_str!("../../docs/runtime.md")]
struct Page;

mod process;

pub use process::{Act, Ask, Process, ProcessKey, ReactsTo, Record};
