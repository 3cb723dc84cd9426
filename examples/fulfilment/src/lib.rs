//! Orders that are paid and shipped, or the money goes back.
//!
//! Three machines know nothing of each other: an [`order`], its [`payment`], and its [`shipment`]. Each has
//! events with rules, and commands that decide or refuse. What connects them is a process:
//! [`fulfilment`] is its machine, with a timeout and the promise that it can always end, and [`process`](mod@process)
//! says which events of the three lead to which of its own, and what is to be done then.
//!
//! ```text
//! an order is placed ──► Begun ──► take the money ──► Paid ──► book a parcel ──► Booked ──► it leaves ──► Dispatched
//!                          │ refused                    │ refused                  │ 3 days                 complete
//!                          ▼                            ▼                          ▼                        the order
//!                  PaymentRefused                ShipmentRefused               TimedOut
//!                  cancel the order              give the money back           withdraw the parcel, or hear
//!                                                then cancel the order         that it has just left
//! ```
//!
//! To read it, begin with [`fulfilment`], then [`process`](mod@process).

use eventsource_core::{Error, EventStore, Store};
use eventsource_runtime::{ProcessSubscription, process};

pub mod fulfilment;
pub mod order;
pub mod payment;
pub mod process;
pub mod shipment;

pub use crate::fulfilment::{FulfilmentEvent, FulfilmentEventType};
pub use crate::order::{OrderEvent, OrderEventType};
pub use crate::payment::{PaymentEvent, PaymentEventType};
pub use crate::process::Fulfilment;
pub use crate::shipment::{ShipmentEvent, ShipmentEventType};

/// The machines of a shop.
#[derive(Clone)]
pub struct Shop {
    /// What customers want.
    pub orders: EventStore<OrderEvent>,
    /// Their money.
    pub payments: EventStore<PaymentEvent>,
    /// Parcels.
    pub shipments: EventStore<ShipmentEvent>,
    /// How far the process of each order has come.
    pub fulfilments: EventStore<FulfilmentEvent>,
}

impl Shop {
    /// Opens the machines, and creates or updates their tables.
    ///
    /// # Errors
    /// As of [`Store::migrate`].
    pub async fn open(store: &Store) -> Result<Self, Error> {
        Ok(Self {
            orders: store.migrate().await?,
            payments: store.migrate().await?,
            shipments: store.migrate().await?,
            fulfilments: store.migrate().await?,
        })
    }

    /// Returns the process, to be added to a runtime.
    pub fn fulfilment(&self) -> ProcessSubscription<Fulfilment> {
        let fulfilment = Fulfilment {
            orders: self.orders.clone(),
            payments: self.payments.clone(),
            shipments: self.shipments.clone(),
        };
        process(fulfilment, &self.fulfilments)
            .reacts_to(&self.orders)
            .reacts_to(&self.payments)
            .reacts_to(&self.shipments)
    }
}
