//! What the cases use from another crate than their own.
#![allow(missing_docs, reason = "nobody reads it")]

use eventsource_core::Event;
use serde::{Deserialize, Serialize};

/// An enum that is declared elsewhere.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "parcel")]
pub enum ParcelEvent {
    Posted,
    #[event(follows = Posted)]
    Delivered,
}
