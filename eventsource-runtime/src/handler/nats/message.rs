//! One event as a message.

use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use eventsource_core::{Event, PayloadError};

use crate::contract::event::SourceEvent;
use crate::handler::cloud_event::{MEDIA_TYPE, cloud_event, default_source};
use crate::handler::target::Selection;

/// Header with the position of the event in the feed.
pub(crate) const POSITION: &str = "Eventsource-Position";

/// Header with the name of the subscription that has published the message.
pub(crate) const SUBSCRIPTION: &str = "Eventsource-Subscription";

/// Writes the events of one machine as messages.
pub(crate) trait Writer: Send + Sync + 'static {
    /// Tells whether an event is to be published.
    fn selects(&self, event: &SourceEvent) -> bool;

    /// Writes an event that can be read.
    fn payload(&self, event: &SourceEvent) -> Result<String, PayloadError>;
}

impl<E: Event> Writer for Selection<E> {
    fn selects(&self, event: &SourceEvent) -> bool {
        self.key(event).is_some()
    }

    fn payload(&self, event: &SourceEvent) -> Result<String, PayloadError> {
        // Those that cannot be read never come here.
        let typed = event.typed::<E>();
        let source = default_source::<E>();
        typed.map_or_else(|| Ok(String::new()), |typed| cloud_event(typed, &source))
    }
}

/// Returns the message of an event, which is stored only after the message with this sequence.
pub(crate) fn message(
    subscription: &Arc<str>,
    event: &SourceEvent,
    payload: String,
    expected: u64,
) -> PublishMessage {
    let mut headers = HeaderMap::new();
    headers.insert("Content-Type", MEDIA_TYPE);
    headers.insert(POSITION, event.position.to_string());
    headers.insert(SUBSCRIPTION, subscription.as_ref());
    // The headers first, for these replace nothing.
    PublishMessage::build()
        .headers(headers)
        .payload(payload.into())
        .message_id(event.event_id.to_string())
        .expected_last_subject_sequence(expected)
}
