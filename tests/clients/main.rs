//! Clients of the HTTP API in other languages: they are made from its OpenAPI document, and then
//! walk the task list.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod documented;
mod generated;
mod service;

/// Folder beside which the tools are installed.
const TMP: &str = env!("CARGO_TARGET_TMPDIR");
