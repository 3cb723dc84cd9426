//! Webhooks: events posted to an endpoint, signed as Standard Webhooks says.
//!
//! * `builder`: what a program says about a webhook.
//! * `endpoint`, `address`, `resolver`: where it may go.
//! * `secret`: what it is signed with.
//! * `error`: what is wrong with one that cannot be set up.
//! * `client`, `answer`: one attempt, and what came of it.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod endpoint;
pub(crate) mod error;
pub(crate) mod resolver;
pub(crate) mod secret;
