//! `GET /api/openapi.json`: all endpoints, for programs that make clients and tests of them. May use
//! `wire`, `options` and `machine`.

mod answers;
mod document;
mod machines;
mod operation;
mod parameters;
mod payloads;
mod routes;
mod schemas;
mod service;

pub(crate) use document::Service;
pub(crate) use routes::routes;
