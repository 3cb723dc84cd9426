//! Publication of events to NATS JetStream, each once and in the order of the feed.
//!
//! * `builder`: what a program says about it.
//! * `stream`: which streams keep every message, and the last message of a subject.
//! * `publisher`: publication with many acknowledgements under way.
//! * `message`: one event as a message.

pub(crate) mod builder;
pub(crate) mod message;
pub(crate) mod publisher;
pub(crate) mod stream;
