//! Each kind of invariant with a history that refutes it, and some that hold.
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", never(Paid & Canceled), never(Shipped & Canceled))]
#[machine(always(Shipped => Paid), always(Placed), eventually(Shipped), eventually(Placed))]
pub enum OrderEvent {
    Placed,
    #[event(follows = Placed & !(Paid | Shipped | Canceled), accumulate = union())]
    Paid,
    #[event(follows = Placed & !(Canceled | Shipped), accumulate = union(), terminal)]
    Shipped,
    #[event(follows = Placed & !(Canceled | Shipped), accumulate = union(), terminal)]
    Canceled,
}

fn main() {}
