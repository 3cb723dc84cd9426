//! Timers that end at the same moment.
#![deny(deprecated)]
use chrono::{DateTime, Utc};
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order")]
pub enum OrderEvent {
    Placed,
    #[event(follows = Placed)]
    Reserved,
    #[event(follows = Reserved, after = "1 hour", terminal)]
    Expired,
    #[event(follows = Reserved, after = "60 minutes", terminal)]
    Shipped,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "auction")]
pub enum AuctionEvent {
    Opened { ends: DateTime<Utc> },
    #[event(follows = Opened, accumulate = union(), at = ends)]
    Closed,
    #[event(follows = Opened & !Closed, at = ends, terminal)]
    Failed,
    #[event(follows = Closed, terminal)]
    Paid,
}

// Both are written, in either order: the same in the end.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created,
    #[event(follows = Created & !Reminded, accumulate = union(), after = "1 day")]
    Reminded,
    #[event(follows = Created & !Escalated, accumulate = union(), after = "1 day")]
    Escalated,
    #[event(follows = Created, terminal)]
    Done,
}

fn main() {}
