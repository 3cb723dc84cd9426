//! Fulfilment: how far the process of one order has come.

use eventsource_core::{EntityId, Event};
use serde::{Deserialize, Serialize};

/// Events of the process that fulfils an order.
///
/// A process is a machine like any other: its events are what it remembers and what it has decided,
/// its rules are checked by the compiler and by the tables. `eventually(..)` is proved: there is no
/// history after which the process can no longer end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(
    entity = "fulfilment",
    eventually(Dispatched | Refunded | PaymentRefused)
)]
pub enum FulfilmentEvent {
    /// An order was placed; now its money is taken.
    Begun {
        /// The order.
        order: EntityId,
        /// What is to be sent.
        item: String,
        /// What it weighs.
        grams: i64,
        /// What it costs.
        cents: i64,
    },
    /// No money: the order is canceled.
    #[event(follows = Begun, terminal)]
    PaymentRefused {
        /// Why, for the customer.
        reason: String,
    },
    /// The money is ours; now a parcel is booked.
    #[event(follows = Begun)]
    Paid,
    /// No parcel: the money goes back.
    #[event(follows = Paid)]
    ShipmentRefused {
        /// Why, for the customer.
        reason: String,
    },
    /// The warehouse knows; now we wait for it.
    #[event(follows = Paid)]
    Booked {
        /// The shipment.
        shipment: EntityId,
    },
    /// The warehouse has not sent the parcel in time; now it is withdrawn, unless it has just left.
    #[event(follows = Booked, after = "3 days")]
    TimedOut,
    /// The parcel stays: the money goes back.
    #[event(follows = any_of(Booked, TimedOut))]
    Withdrawn,
    /// The parcel has left, and is paid: the order is completed.
    #[event(follows = any_of(Booked, TimedOut), terminal)]
    Dispatched,
    /// The money is the customer's again: the order is canceled.
    #[event(follows = any_of(ShipmentRefused, Withdrawn), terminal)]
    Refunded,
}
