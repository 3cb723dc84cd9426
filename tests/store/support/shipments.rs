//! Shipments of the Control Tower: roles of events, and numbers without a gap (C4 to C7).

use eventsource_core::{Actor, EntityId, Event, EventStore, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum Party {
    Sender,
    SenderManager,
    SenderSupervisor,
    System,
    Carrier,
    Receiver,
    Warehouse,
    Customer,
}

/// Shipment. Its transitions are those of the Control Tower, as `tests/data/control_tower.json` has
/// recorded them; the actors are those of C5. It may be created again after an override, so that
/// `Created` is no sure sign of a new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(
    entity = "shipment",
    id = counter("SHP-", width = 10),
    roles = Party,
    allow(order_matters, equivalent_events, silent_restart)
)]
pub enum ShipmentEvent {
    #[event(follows = nothing | OverrideApplied | HoldForReview, by(Sender))]
    Created,
    #[event(follows = Created | OverrideApplied | HoldForReview, by(SenderManager))]
    ManagerApproved,
    #[event(follows = ManagerApproved, by(SenderSupervisor))]
    SupervisorApproved,
    #[event(follows = SupervisorApproved, by(System))]
    InTransit,
    #[event(follows = InTransit, by(Receiver))]
    ReceiverAcknowledged,
    #[event(follows = ReceiverAcknowledged, by(Warehouse))]
    WarehouseIntake,
    #[event(follows = WarehouseIntake, by(Warehouse))]
    OutForDelivery,
    #[event(follows = OutForDelivery, by(Customer), terminal)]
    Delivered,
    #[event(follows = non_terminal & !OverrideApplied, by(SenderManager))]
    OverrideApplied,
    #[event(follows = non_terminal & !HoldForReview, by(SenderManager, SenderSupervisor))]
    HoldForReview,
    #[event(follows = non_terminal & !ReceiverAcknowledged & !WarehouseIntake, terminal)]
    Cancelled,
}

/// Pallet, with a counter of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "pallet", id = counter("PAL-"), roles = Party)]
pub enum PalletEvent {
    Built,
    #[event(follows = Built, terminal)]
    Shipped,
}

/// Pallet before it had a counter.
pub mod uncounted {
    use super::{Deserialize, Event, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "pallet", id = ulid("pal_"))]
    pub enum PalletEvent {
        Built,
        #[event(follows = Built, terminal)]
        Shipped,
    }
}

pub fn acting_as(role: Party) -> Actor {
    Actor::new("ann").with_role(role)
}

pub fn sender() -> Actor {
    acting_as(Party::Sender)
}

pub fn shipment(number: u64) -> EntityId {
    ShipmentEvent::ID
        .parse(&format!("SHP-{number:010}"))
        .unwrap()
}

pub async fn create(shipments: &EventStore<ShipmentEvent>) -> String {
    let created = shipments
        .create(ShipmentEvent::Created)
        .by(sender())
        .await
        .unwrap();
    ShipmentEvent::ID.format(created.entity_id())
}
