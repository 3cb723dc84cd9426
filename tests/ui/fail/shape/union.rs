//! Not an enum.
use eventsource_core::Event;

#[derive(Event)]
#[machine(entity = "bits")]
pub union Bits {
    a: u8,
    b: i8,
}

fn main() {}
