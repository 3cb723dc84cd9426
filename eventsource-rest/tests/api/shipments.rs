//! Machine with counted ids and roles.

#![allow(missing_docs, reason = "a test's own machine")]

use eventsource_core::{Event, EventStore, Role, Store};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum Party {
    Sender,
    Carrier,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "shipment", id = counter("SHP-", width = 10), roles = Party)]
pub enum ShipmentEvent {
    #[event(by(Sender))]
    Created { weight_kg: f64 },
    #[event(follows = Created, by(Carrier))]
    PickedUp { vehicle: String },
    #[event(follows = PickedUp, accumulate = keep())]
    Located { place: String },
    #[event(follows = PickedUp, by(Carrier), terminal)]
    Delivered,
}

pub async fn shipments() -> EventStore<ShipmentEvent> {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap()
}
