//! The process: what leads to its events, and what they lead to.

use eventsource_core::{EventStore, RecordedEvent};
use eventsource_runtime::{Act, Process, ProcessKey, ReactsTo, Record};

use crate::fulfilment::{FulfilmentData, FulfilmentEvent};
use crate::order::{Cancel, Complete, OrderEvent};
use crate::payment::{PaymentEvent, Refund, Take};
use crate::shipment::{Book, ShipmentEvent, Withdraw};

/// Process that fulfils orders, with the machines that it gives commands to.
pub struct Fulfilment {
    /// Orders, which it completes or cancels.
    pub orders: EventStore<OrderEvent>,
    /// Payments, which it takes and gives back.
    pub payments: EventStore<PaymentEvent>,
    /// Shipments, which it books and withdraws.
    pub shipments: EventStore<ShipmentEvent>,
}

impl Process for Fulfilment {
    type Event = FulfilmentEvent;
    /// Whatever is legal is recorded. What comes too late is not legal, and passed over.
    type Command = Record<FulfilmentEvent>;
    const NAME: &'static str = "fulfilment";

    /// From events of the process to commands.
    fn act(
        &self,
        event: &RecordedEvent<FulfilmentEvent>,
        so_far: &FulfilmentData,
    ) -> Vec<Act<Self>> {
        // Every process begins with `Begun`, so the order is always known.
        let Some(order) = so_far.order else {
            return vec![];
        };
        let act = match &event.event {
            FulfilmentEvent::Begun { cents, .. } => {
                // An order has one payment, so that may have the id of the order.
                Act::command(&self.payments, order, Take { cents: *cents }).if_refused(|refusal| {
                    let reason = refusal.to_string();
                    Record(FulfilmentEvent::PaymentRefused { reason })
                })
            }
            FulfilmentEvent::Paid => {
                let item = so_far.item.clone().unwrap_or_default();
                let grams = so_far.grams.unwrap_or_default();
                Act::create(&self.shipments, Book { order, item, grams }).if_refused(|refusal| {
                    let reason = refusal.to_string();
                    Record(FulfilmentEvent::ShipmentRefused { reason })
                })
            }
            // The warehouse has its time.
            FulfilmentEvent::Booked { .. } => return vec![],
            FulfilmentEvent::TimedOut => match so_far.shipment {
                // If the parcel has just left, the process hears of that, too.
                Some(shipment) => Act::command(&self.shipments, shipment, Withdraw).or_leave_it(),
                None => return vec![],
            },
            FulfilmentEvent::ShipmentRefused { .. } | FulfilmentEvent::Withdrawn => {
                Act::command(&self.payments, order, Refund).never_refused()
            }
            FulfilmentEvent::Dispatched => {
                Act::command(&self.orders, order, Complete).never_refused()
            }
            FulfilmentEvent::PaymentRefused { .. } | FulfilmentEvent::Refunded => {
                let reason = so_far.reason.clone();
                let reason = reason.unwrap_or_else(|| "it could not be sent in time".to_owned());
                Act::command(&self.orders, order, Cancel { reason }).or_leave_it()
            }
        };
        vec![act]
    }
}

// From events of other machines to the process. The id of the order names the instance.

impl ReactsTo<OrderEvent> for Fulfilment {
    fn react(&self, source: &RecordedEvent<OrderEvent>) -> Option<(ProcessKey, Self::Command)> {
        let order = source.entity_id;
        match &source.event {
            OrderEvent::Placed { item, grams, cents } => {
                let begun = FulfilmentEvent::Begun {
                    order,
                    item: item.clone(),
                    grams: *grams,
                    cents: *cents,
                };
                Some((order.into(), Record(begun)))
            }
            // The process has brought these about itself.
            OrderEvent::Completed | OrderEvent::Canceled { .. } => None,
        }
    }
}

impl ReactsTo<PaymentEvent> for Fulfilment {
    fn react(&self, source: &RecordedEvent<PaymentEvent>) -> Option<(ProcessKey, Self::Command)> {
        let event = match source.event {
            PaymentEvent::Taken { .. } => FulfilmentEvent::Paid,
            PaymentEvent::Refunded => FulfilmentEvent::Refunded,
        };
        Some((source.entity_id.into(), Record(event)))
    }
}

impl ReactsTo<ShipmentEvent> for Fulfilment {
    fn react(&self, source: &RecordedEvent<ShipmentEvent>) -> Option<(ProcessKey, Self::Command)> {
        let (order, event) = match source.event {
            ShipmentEvent::Booked { order, .. } => {
                let shipment = source.entity_id;
                (order, FulfilmentEvent::Booked { shipment })
            }
            ShipmentEvent::Dispatched { order } => (order, FulfilmentEvent::Dispatched),
            ShipmentEvent::Withdrawn { order } => (order, FulfilmentEvent::Withdrawn),
        };
        Some((order.into(), Record(event)))
    }
}
