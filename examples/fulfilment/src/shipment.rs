//! Shipment: a parcel on its way to the customer.

use eventsource_core::{Command, Decision, Entity, EntityId, Event};
use serde::{Deserialize, Serialize};

/// Heaviest parcel that the carrier takes.
pub const LIMIT_GRAMS: i64 = 30_000;

/// Events of a shipment. Shipments are numbered by themselves, so each names its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "shipment", id = counter("SHP-", width = 6))]
pub enum ShipmentEvent {
    /// The warehouse is asked to send a parcel.
    Booked {
        /// The order that it belongs to.
        order: EntityId,
        /// What is in it.
        item: String,
    },
    /// The parcel has left the warehouse.
    #[event(follows = Booked, terminal)]
    Dispatched {
        /// The order that it belongs to.
        order: EntityId,
    },
    /// The parcel stays.
    #[event(follows = Booked, terminal)]
    Withdrawn {
        /// The order that it belongs to.
        order: EntityId,
    },
}

/// Books a parcel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// The order that it belongs to.
    pub order: EntityId,
    /// What is in it.
    pub item: String,
    /// What it weighs.
    pub grams: i64,
}

/// Sends a parcel off; people in the warehouse do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dispatch;

/// Keeps a parcel that has not left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdraw;

/// Reason why a parcel is not booked, sent or kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum ShipmentRefusal {
    /// The parcel is too heavy.
    #[error("{grams} g are more than the carrier takes, {limit} g")]
    TooHeavy {
        /// What it weighs.
        grams: i64,
        /// What is allowed.
        limit: i64,
    },
    /// The shipment was booked before.
    #[error("the shipment is booked already")]
    BookedBefore,
    /// The parcel is not in the warehouse: it was never booked, has left, or was withdrawn.
    #[error("the parcel is not in the warehouse")]
    NotThere,
}

impl Command<ShipmentEvent> for Book {
    const NAME: &'static str = "book";
    type State = ShipmentData;
    type Refusal = ShipmentRefusal;

    fn decide(
        &self,
        shipment: &Entity<ShipmentEvent, ShipmentData>,
    ) -> Result<Decision<ShipmentEvent>, ShipmentRefusal> {
        let (grams, limit) = (self.grams, LIMIT_GRAMS);
        if grams > limit {
            return Err(ShipmentRefusal::TooHeavy { grams, limit });
        }
        if !shipment.may(ShipmentEventType::Booked) {
            return Err(ShipmentRefusal::BookedBefore);
        }
        let (order, item) = (self.order, self.item.clone());
        Ok(ShipmentEvent::Booked { order, item }.into())
    }
}

impl Command<ShipmentEvent> for Dispatch {
    const NAME: &'static str = "dispatch";
    type State = ShipmentData;
    type Refusal = ShipmentRefusal;

    fn decide(
        &self,
        shipment: &Entity<ShipmentEvent, ShipmentData>,
    ) -> Result<Decision<ShipmentEvent>, ShipmentRefusal> {
        match shipment.data.order {
            Some(order) if shipment.may(ShipmentEventType::Dispatched) => {
                Ok(ShipmentEvent::Dispatched { order }.into())
            }
            _ => Err(ShipmentRefusal::NotThere),
        }
    }
}

impl Command<ShipmentEvent> for Withdraw {
    const NAME: &'static str = "withdraw";
    type State = ShipmentData;
    type Refusal = ShipmentRefusal;

    fn decide(
        &self,
        shipment: &Entity<ShipmentEvent, ShipmentData>,
    ) -> Result<Decision<ShipmentEvent>, ShipmentRefusal> {
        match shipment.data.order {
            Some(order) if shipment.may(ShipmentEventType::Withdrawn) => {
                Ok(ShipmentEvent::Withdrawn { order }.into())
            }
            _ => Err(ShipmentRefusal::NotThere),
        }
    }
}
