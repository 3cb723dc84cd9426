//! Machine and views of these tests.

use eventsource_core::{EntityId, Event, EventStore, Keys, Position, Reads, RecordedEvent, View};
use serde::{Deserialize, Serialize};

/// Notes, each of which moves between rooms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "note")]
pub enum NoteEvent {
    Pinned {
        rooms: Vec<String>,
    },
    #[event(follows = any_state, accumulate = keep())]
    Said {
        rooms: Vec<String>,
        text: String,
    },
    #[event(follows = any_state, accumulate = keep())]
    Cleared {
        rooms: Vec<String>,
    },
}

impl NoteEvent {
    pub fn rooms(&self) -> &[String] {
        let (Self::Pinned { rooms } | Self::Said { rooms, .. } | Self::Cleared { rooms }) = self;
        rooms
    }
}

/// What was said in a room since it was cleared, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    pub said: Vec<String>,
    pub last: Option<String>,
}

impl View for Room {
    const NAME: &'static str = "room";
    const VERSION: u32 = 1;
    type Key = String;
    const INDEXED: &'static [&'static str] = &["last"];
}

impl Reads<NoteEvent> for Room {
    fn keys(event: &RecordedEvent<NoteEvent>) -> Keys<String> {
        event.event.rooms().to_vec().into()
    }

    fn apply(&mut self, event: &RecordedEvent<NoteEvent>) {
        if let NoteEvent::Said { text, .. } = &event.event {
            self.said.push(text.clone());
            self.last = Some(text.clone());
        }
    }

    fn ends(event: &RecordedEvent<NoteEvent>) -> bool {
        matches!(event.event, NoteEvent::Cleared { .. })
    }
}

pub fn said(room: &str, text: &str) -> NoteEvent {
    NoteEvent::Said {
        rooms: vec![room.to_owned()],
        text: text.to_owned(),
    }
}

pub fn pinned(room: &str) -> NoteEvent {
    NoteEvent::Pinned {
        rooms: vec![room.to_owned()],
    }
}

/// Appends a first event of a new entity.
pub async fn pin(notes: &EventStore<NoteEvent>, room: &str) -> EntityId {
    let id = EntityId::new();
    notes.append(id, pinned(room)).await.unwrap();
    id
}

/// All events with their positions.
pub async fn all(notes: &EventStore<NoteEvent>) -> Vec<(Position, RecordedEvent<NoteEvent>)> {
    let page = notes.feed().limit(10_000).await.unwrap();
    let events = page.events.into_iter();
    events.map(|(at, event)| (at, event.unwrap())).collect()
}
