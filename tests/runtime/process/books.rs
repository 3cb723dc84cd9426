//! A shop of the example on a database of a test, and what must be true of its books.

use std::time::Duration;

use eventsource_core::{EntityId, Event, EventType, ManualClock, Store, StoreOptions};
use eventsource_runtime::testing::Faults;
use eventsource_runtime::{Process, Runtime, timers};
use fulfilment::order::{OrderEvent, Place};
use fulfilment::payment::PaymentEvent;
use fulfilment::shipment::{Dispatch, ShipmentEvent};
use fulfilment::{Fulfilment, FulfilmentEvent, Shop};

use crate::support::database::Database;

/// Time after which the process no longer waits for the warehouse.
pub const PATIENCE: Duration = Duration::from_hours(3 * 24);

/// Shop whose time is moved by hand.
pub struct Books {
    pub clock: ManualClock,
    pub store: Store,
    pub shop: Shop,
}

impl Books {
    pub async fn open(database: &Database) -> Self {
        Self::of(database.store_options()).await
    }

    pub async fn of(options: StoreOptions) -> Self {
        let clock = ManualClock::new("2026-12-01T09:00:00Z".parse().unwrap());
        let store = options.clock(clock.clone()).connect().await.unwrap();
        let shop = Shop::open(&store).await.unwrap();
        Self { clock, store, shop }
    }

    /// Builds a runtime with the process.
    pub async fn runtime(&self) -> Runtime {
        self.failing_runtime(Faults::default()).await
    }

    /// Builds a runtime with the process, in which things go wrong.
    pub async fn failing_runtime(&self, faults: Faults) -> Runtime {
        let runtime = Runtime::new(&self.store).faults(faults);
        let runtime = runtime.add(self.shop.fulfilment());
        let timers = timers(&self.shop.fulfilments);
        runtime.add(timers).build().await.unwrap()
    }

    /// Places an order that nothing speaks against.
    pub async fn place(&self) -> EntityId {
        self.place_for(250, 890).await
    }

    pub async fn place_for(&self, grams: i64, cents: i64) -> EntityId {
        let item = "tea".to_owned();
        let placed = self.shop.orders.execute_new(Place { item, grams, cents });
        placed.await.unwrap().entity_id
    }

    /// Sends the parcel of an order, if there is one that has not left.
    pub async fn dispatch(&self, order: EntityId) -> bool {
        let process = self
            .shop
            .fulfilments
            .data(Fulfilment::id(order))
            .await
            .unwrap();
        let Some(shipment) = process.and_then(|process| process.value.shipment) else {
            return false;
        };
        self.shop
            .shipments
            .execute(shipment, Dispatch)
            .await
            .is_ok()
    }

    /// Names of the events of the process of an order.
    pub async fn course(&self, order: EntityId) -> Vec<&'static str> {
        let process = self.shop.fulfilments.history(Fulfilment::id(order));
        let events = process.await.unwrap();
        events
            .iter()
            .map(|event| event.event.event_type().name())
            .collect()
    }

    pub async fn order(&self, order: EntityId) -> Vec<OrderEvent> {
        let history = self.shop.orders.history(order).await.unwrap();
        history.into_iter().map(|event| event.event).collect()
    }

    pub async fn payment(&self, order: EntityId) -> Vec<PaymentEvent> {
        let history = self.shop.payments.history(order).await.unwrap();
        history.into_iter().map(|event| event.event).collect()
    }

    /// Events of all shipments of an order.
    pub async fn shipments(&self, order: EntityId) -> Vec<ShipmentEvent> {
        let found = self
            .shop
            .shipments
            .entities()
            .field("order", order.to_string());
        let mut events = Vec::new();
        for head in found.await.unwrap().items {
            let history = self.shop.shipments.history(head.id).await.unwrap();
            events.extend(history.into_iter().map(|event| event.event));
        }
        events
    }

    /// Asserts that the process of an order has ended, that its order has, and that the money is ours if
    /// and only if the goods have left, once.
    pub async fn assert_settled(&self, order: EntityId) {
        let course = self.course(order).await;
        let process = self
            .shop
            .fulfilments
            .history(Fulfilment::id(order))
            .await
            .unwrap();
        let last = process
            .last()
            .unwrap_or_else(|| panic!("{order} has no process"));
        assert!(
            matches!(
                last.event,
                FulfilmentEvent::Dispatched
                    | FulfilmentEvent::Refunded
                    | FulfilmentEvent::PaymentRefused { .. }
            ),
            "{order} has not ended: {course:?}"
        );
        let sent = matches!(last.event, FulfilmentEvent::Dispatched);

        let payment = self.payment(order).await;
        let taken = payment
            .iter()
            .filter(|event| matches!(event, PaymentEvent::Taken { .. }));
        let refunded = payment
            .iter()
            .filter(|event| **event == PaymentEvent::Refunded);
        let (taken, refunded) = (taken.count(), refunded.count());
        assert_eq!(
            taken - refunded,
            usize::from(sent),
            "{course:?} with {payment:?}"
        );

        let shipments = self.shipments(order).await;
        let left = shipments
            .iter()
            .filter(|event| **event == ShipmentEvent::Dispatched { order });
        assert_eq!(
            left.count(),
            usize::from(sent),
            "{course:?} with {shipments:?}"
        );
        let booked = shipments
            .iter()
            .filter(|event| matches!(event, ShipmentEvent::Booked { .. }));
        assert!(booked.count() <= 1, "{course:?} with {shipments:?}");

        let orders = self.order(order).await;
        assert_eq!(orders.len(), 2, "{course:?} with {orders:?}");
        assert_eq!(
            orders[1] == OrderEvent::Completed,
            sent,
            "{course:?} with {orders:?}"
        );
    }
}
