//! Events that all sides store: tickets that are opened and then commented on.

use eventsource_core::{Event, Fold, RecordedEvent};
use serde::{Deserialize, Serialize};

/// Ticket, as this project declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "ticket")]
pub enum TicketEvent {
    /// First event of every stream.
    Opened { title: String },
    /// Assignment to a person.
    #[event(follows = Opened & !Assigned, accumulate = union())]
    Assigned { assignee: String },
    /// Every later event.
    #[event(follows = Opened, accumulate = keep())]
    Commented { text: String, minutes: u32 },
    /// Last event of a stream.
    #[event(follows = Opened, terminal)]
    Closed,
}

/// Fold of a ticket to the minutes that were spent on it.
#[derive(Debug, Default)]
pub struct Minutes(pub u64);

impl Fold<TicketEvent> for Minutes {
    fn apply(&mut self, event: &RecordedEvent<TicketEvent>) {
        if let TicketEvent::Commented { minutes, .. } = &event.event {
            self.0 += u64::from(*minutes);
        }
    }
}

/// Text of the usual length of a comment.
pub const TEXT: &str =
    "The door of the third car does not close in the rain; a new seal is ordered.";

/// Returns the event at this position of a stream, from 0.
pub fn event(place: u32) -> TicketEvent {
    if place == 0 {
        return TicketEvent::Opened {
            title: TEXT.to_owned(),
        };
    }
    TicketEvent::Commented {
        text: TEXT.to_owned(),
        minutes: 5,
    }
}

/// Returns the name of the event at this position, for sides that store a tagged enum.
pub fn name(place: u32) -> &'static str {
    if place == 0 { "OPENED" } else { "COMMENTED" }
}

/// Returns the fields of the event at this position.
pub fn fields(place: u32) -> serde_json::Value {
    if place == 0 {
        serde_json::json!({ "title": TEXT })
    } else {
        serde_json::json!({ "text": TEXT, "minutes": 5 })
    }
}

/// Payload with the fields of all events, for sides without their own types.
#[derive(Deserialize)]
#[allow(dead_code, reason = "what a fold would look at")]
pub struct Fields {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub minutes: u32,
}
