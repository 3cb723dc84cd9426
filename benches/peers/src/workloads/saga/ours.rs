//! Process manager of this project.

use std::time::{Duration, Instant};

use eventsource_core::{EntityId, Event, EventStore, FeedSubscription, RecordedEvent};
use eventsource_runtime::{Act, Process, ProcessKey, ReactsTo, Record, Runtime, process};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::sides::CONNECTIONS;
use crate::workloads::Bench;
use crate::workloads::worker::Worker;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "purchase")]
pub enum PurchaseEvent {
    #[event(terminal)]
    Placed { cents: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "payment")]
pub enum PaymentEvent {
    #[event(terminal)]
    Captured { purchase: EntityId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "shipment")]
pub enum ShipmentEvent {
    #[event(terminal)]
    Sent { purchase: EntityId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "fulfilment", eventually(Shipped))]
pub enum FulfilmentEvent {
    Begun {
        purchase: EntityId,
    },
    #[event(follows = Begun)]
    Paid,
    #[event(follows = Paid, terminal)]
    Shipped,
}

struct Fulfilment {
    payments: EventStore<PaymentEvent>,
    shipments: EventStore<ShipmentEvent>,
}

impl Process for Fulfilment {
    type Event = FulfilmentEvent;
    type Command = Record<FulfilmentEvent>;
    const NAME: &'static str = "fulfilment";

    fn act(
        &self,
        event: &RecordedEvent<FulfilmentEvent>,
        so_far: &FulfilmentData,
    ) -> Vec<Act<Self>> {
        let Some(purchase) = so_far.purchase else {
            return vec![];
        };
        match event.event {
            FulfilmentEvent::Begun { .. } => {
                let captured = Record(PaymentEvent::Captured { purchase });
                vec![Act::create(&self.payments, captured).never_refused()]
            }
            FulfilmentEvent::Paid => {
                let sent = Record(ShipmentEvent::Sent { purchase });
                vec![Act::create(&self.shipments, sent).never_refused()]
            }
            FulfilmentEvent::Shipped => vec![],
        }
    }
}

impl ReactsTo<PurchaseEvent> for Fulfilment {
    fn react(&self, placed: &RecordedEvent<PurchaseEvent>) -> Option<(ProcessKey, Self::Command)> {
        let purchase = placed.entity_id;
        Some((purchase.into(), Record(FulfilmentEvent::Begun { purchase })))
    }
}

impl ReactsTo<PaymentEvent> for Fulfilment {
    fn react(&self, paid: &RecordedEvent<PaymentEvent>) -> Option<(ProcessKey, Self::Command)> {
        let PaymentEvent::Captured { purchase } = paid.event;
        Some((purchase.into(), Record(FulfilmentEvent::Paid)))
    }
}

impl ReactsTo<ShipmentEvent> for Fulfilment {
    fn react(&self, sent: &RecordedEvent<ShipmentEvent>) -> Option<(ProcessKey, Self::Command)> {
        let ShipmentEvent::Sent { purchase } = sent.event;
        Some((purchase.into(), Record(FulfilmentEvent::Shipped)))
    }
}

/// Process with a worker that runs it.
pub struct Running {
    purchases: EventStore<PurchaseEvent>,
    fulfilments: FeedSubscription<EventStore<FulfilmentEvent>>,
    worker: Worker,
}

impl Running {
    pub async fn new(bench: &Bench) -> Self {
        let url = bench.server.database("our_process").await;
        let options = eventsource_core::StoreOptions::new(&url).max_connections(CONNECTIONS);
        let store = options.connect().await.unwrap();
        let purchases = store.migrate().await.unwrap();
        let (payments, shipments) = (
            store.migrate().await.unwrap(),
            store.migrate().await.unwrap(),
        );
        let fulfilments: EventStore<FulfilmentEvent> = store.migrate().await.unwrap();
        let fulfilment = Fulfilment {
            payments: payments.clone(),
            shipments: shipments.clone(),
        };
        let subscription = process(fulfilment, &fulfilments)
            .reacts_to(&purchases)
            .reacts_to(&payments)
            .reacts_to(&shipments);
        let runtime = Runtime::new(&store)
            .add(subscription)
            .build()
            .await
            .unwrap();
        let mut running = Self {
            purchases,
            fulfilments: fulfilments.feed().subscribe(),
            worker: Worker::start(runtime),
        };
        // Until the worker has its shards.
        running.many(1, 1).await;
        running
    }

    /// Returns how long it takes until processes of this many orders have ended; a client that is alone
    /// waits for each.
    pub async fn many(&mut self, orders: usize, clients: usize) -> Duration {
        let start = Instant::now();
        if clients == 1 {
            for _ in 0..orders {
                place(&self.purchases).await;
                self.ended(1).await;
            }
            return start.elapsed();
        }
        let mut placing = JoinSet::new();
        for client in 0..clients {
            let purchases = self.purchases.clone();
            let count = (client..orders).step_by(clients).count();
            placing.spawn(async move {
                for _ in 0..count {
                    place(&purchases).await;
                }
            });
        }
        self.ended(orders).await;
        placing.join_all().await;
        start.elapsed()
    }

    /// Waits until this many more processes have ended.
    async fn ended(&mut self, mut count: usize) {
        while count > 0 {
            let (_, event) = self.fulfilments.next().await.unwrap();
            count -= usize::from(event.unwrap().event == FulfilmentEvent::Shipped);
        }
    }

    pub async fn stop(self) {
        self.worker.stop().await;
    }
}

async fn place(purchases: &EventStore<PurchaseEvent>) {
    let placed = purchases.create(PurchaseEvent::Placed { cents: 990 }).await;
    placed.unwrap();
}
