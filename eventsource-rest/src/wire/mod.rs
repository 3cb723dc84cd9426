//! Requests and responses as HTTP spells them: bodies, queries, headers, resources and problems.
//!
//! May use no other folder.

pub(crate) mod as_of;
pub(crate) mod base_url;
pub(crate) mod body;
pub(crate) mod caching;
pub(crate) mod conditions;
pub(crate) mod correlation;
pub(crate) mod event_query;
pub(crate) mod fallback;
pub(crate) mod faults;
pub(crate) mod held_body;
pub(crate) mod host;
pub(crate) mod intake;
pub(crate) mod media;
pub(crate) mod names;
pub(crate) mod outcome;
pub(crate) mod page;
pub(crate) mod parameters;
pub(crate) mod prefer;
pub(crate) mod problem;
pub(crate) mod resource;
#[cfg(feature = "runtime")]
pub(crate) mod runtime_resource;
pub(crate) mod store_problem;
pub(crate) mod timed_body;
pub(crate) mod unread;
