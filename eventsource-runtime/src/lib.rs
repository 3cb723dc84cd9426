#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg))]
#![doc = include_str!("../README.md")]
//!
//! # Layers
//!
//! Each uses only those listed before it: `contract` (events, sources, outcomes), `error`, `tables` (rows of
//! the toolkit's tables), `subscription` (shards, batches, what a consumer is), then `feed` (reading), `model`
//! (read models), `failure`, `deadline` (timed events) and `schedule`, then `handler`, `process`, `generation`
//! (tables of read models), `worker` (running), `inbox` (submitted commands) and `admin` (what people see and
//! do), and `runtime`.

/// Compiles and runs the examples of the page for users.
#[cfg(doctest)]
#[doc = include_str!("../../docs/runtime.md")]
struct Page;

mod admin;
mod contract;
mod deadline;
mod error;
mod failure;
mod feed;
mod generation;
mod handler;
mod inbox;
mod model;
mod process;
mod runtime;
mod schedule;
mod subscription;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

pub use admin::note::Note;
pub use admin::operations::Operation;
pub use admin::parked::ParkedKey;
pub use admin::readiness::Readiness;
pub use admin::status::{BuildingStatus, HaltedStatus, ShardStatus, SubscriptionStatus};
pub use contract::kind::Kind;
pub use deadline::timers;
pub use error::{BuildError, BuildMistake, RuntimeError};
pub use failure::on_failure::OnFailure;
pub use failure::retry_policy::RetryPolicy;
pub use handler::builder::{HandlerBuilder, handler, log};
pub use handler::delivery::{Delivery, DeliveryId};
pub use handler::handler_trait::Handler;
pub use handler::log::Log;
#[cfg(feature = "nats")]
pub use handler::nats::builder::{NatsBuilder, nats};
pub use handler::transaction::DeliveryTransaction;
#[cfg(feature = "webhook")]
pub use handler::webhook::builder::{Webhook, webhook};
#[cfg(feature = "webhook")]
pub use handler::webhook::error::WebhookError;
#[cfg(feature = "webhook")]
pub use handler::webhook::secret::{Secret, SecretError};
pub use model::projection::{CatchUpProjection, projection};
pub use model::view::{CatchUp, catch_up};
pub use process::{
    Act, Ask, Process, ProcessBuilder, ProcessKey, ProcessSubscription, ReactsTo, Record, process,
};
pub use runtime::builder::RuntimeBuilder;
pub use runtime::handle::Runtime;
pub use schedule::Tick;
pub use subscription::builder::{Start, Subscription};
