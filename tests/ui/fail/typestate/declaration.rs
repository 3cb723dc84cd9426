//! Mistakes in the declaration of a typed handle, one message each.
use eventsource_core::{EntityId, Event};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", typestate = "states")]
pub enum TaskEvent {
    Created,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "lamp", typestate)]
#[allow(non_camel_case_types)]
pub enum LampEvent {
    PutOut,
    put_out,
    #[event(rename = "New2")]
    New,
    New_,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "door", typestate)]
pub enum DoorEvent {
    Opened { by: String },
    #[event(follows = Opend)]
    Closed,
}

fn close(door: DoorHandle<door_states::AfterOpened>) -> DoorHandle<door_states::AfterClosed> {
    let door = door.narrow::<door_states::BeforeClosed>().unwrap();
    door.closed()
}

fn main() {
    let door = DoorHandle::new(EntityId::new()).opened("ann".to_owned());
    let _ = close(door.widen()).pending().len();
}
