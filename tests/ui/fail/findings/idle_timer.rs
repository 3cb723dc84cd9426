//! Timers that can never run.
#![deny(deprecated)]
use chrono::{DateTime, Utc};
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "loan")]
pub enum LoanEvent {
    Asked,
    #[event(follows = Asked, at = deadline, terminal)]
    Lapsed,
    #[event(follows = Asked)]
    Granted { deadline: DateTime<Utc> },
    #[event(follows = Granted, terminal)]
    Repaid,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "parcel", allow(auto_rival))]
pub enum ParcelEvent {
    Packed,
    #[event(follows = Packed, auto_transition)]
    Sent,
    #[event(follows = Packed, after = "1 day", terminal)]
    Lost,
    #[event(follows = Sent, terminal)]
    Delivered,
}

fn main() {}
