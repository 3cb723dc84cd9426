//! Endpoints of one machine or view, each in a file, and the routes that lead to them.
//!
//! May use `wire`, `auth`, `options`, `clients` and `stream`.

pub(crate) mod append;
pub(crate) mod append_response;
pub(crate) mod command;
pub(crate) mod command_outcome;
pub(crate) mod command_response;
pub(crate) mod context;
pub(crate) mod get_entity;
pub(crate) mod get_event;
pub(crate) mod history;
pub(crate) mod reader;
pub(crate) mod routes;
#[cfg(feature = "runtime")]
pub(crate) mod runtime;
mod search_entities;
pub(crate) mod search_events;
pub(crate) mod stream;
pub(crate) mod validate;
pub(crate) mod view;
