//! What all sides store: tickets that are opened, and then commented on.

use eventsource_core::{Event, Fold, RecordedEvent};
use serde::{Deserialize, Serialize};

/// A ticket, as this project declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "ticket")]
pub enum TicketEvent {
    /// The first event of every stream.
    Opened { title: String },
    /// Somebody has it now.
    #[event(follows = Opened & !Assigned, accumulate = union())]
    Assigned { assignee: String },
    /// All others.
    #[event(follows = Opened, accumulate = keep())]
    Commented { text: String, minutes: u32 },
    /// Nothing follows.
    #[event(follows = Opened, terminal)]
    Closed,
}

/// What folding a ticket gives: the minutes that were spent on it.
#[derive(Debug, Default)]
pub struct Minutes(pub u64);

impl Fold<TicketEvent> for Minutes {
    fn apply(&mut self, event: &RecordedEvent<TicketEvent>) {
        if let TicketEvent::Commented { minutes, .. } = &event.event {
            self.0 += u64::from(*minutes);
        }
    }
}

/// About as long as a comment is.
pub const TEXT: &str =
    "The door of the third car does not close in the rain; a new seal is ordered.";

/// The event at this place of a stream, from 0.
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

/// The same for sides that store a tagged enum: its name, and its JSON.
pub fn name(place: u32) -> &'static str {
    if place == 0 { "OPENED" } else { "COMMENTED" }
}

/// The fields of the event at this place.
pub fn fields(place: u32) -> serde_json::Value {
    if place == 0 {
        serde_json::json!({ "title": TEXT })
    } else {
        serde_json::json!({ "text": TEXT, "minutes": 5 })
    }
}

/// The fields as sides without their own types read them: all that is in a payload, as its own.
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
