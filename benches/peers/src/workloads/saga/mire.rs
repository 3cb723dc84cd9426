//! Saga of mire-sagas.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mire::{Aggregate, Event, EventData, EventStore, ExpectedVersion};
use mire_sagas::{Dep, Emit, PgSagaRunner, Req, Saga, SagaBuilder, Start, State, task};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::server;
use crate::sides::CONNECTIONS;
use crate::workloads::Bench;

#[derive(Clone, Debug, Serialize, Deserialize, EventData)]
#[serde(tag = "type")]
#[mire(entity = "purchase")]
enum PurchaseEvent {
    Placed { id: String, cents: u32 },
}

#[derive(Debug, Default)]
struct Purchase;

impl Aggregate for Purchase {
    type Event = PurchaseEvent;

    fn stream_category() -> &'static str {
        "purchase"
    }

    fn apply(&mut self, _event: &PurchaseEvent) {}
}

#[derive(Clone, Serialize, Deserialize, EventData)]
#[mire(event_type = "payment.capture")]
struct Capture {
    purchase: String,
}

#[derive(Clone, Serialize, Deserialize, EventData)]
#[mire(event_type = "payment.captured")]
struct Captured {
    purchase: String,
}

#[derive(Clone, Serialize, Deserialize, EventData)]
#[mire(event_type = "shipment.send")]
struct Send {
    purchase: String,
}

#[derive(Clone, Serialize, Deserialize, EventData)]
#[mire(event_type = "shipment.sent")]
struct Sent {
    purchase: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Fulfilment {
    purchase: String,
}

fn capture(State(saga): State<Fulfilment>) -> Emit {
    Emit::event(Capture {
        purchase: saga.purchase,
    })
}

fn send(State(saga): State<Fulfilment>) -> Emit {
    Emit::event(Send {
        purchase: saga.purchase,
    })
}

async fn captured(Req(request): Req<Capture>, Dep(store): Dep<EventStore>) -> Captured {
    let captured = Captured {
        purchase: request.purchase,
    };
    append(&store, "payment", &captured.purchase, captured.clone()).await;
    captured
}

async fn sent(Req(request): Req<Send>, Dep(store): Dep<EventStore>) -> Sent {
    let sent = Sent {
        purchase: request.purchase,
    };
    append(&store, "shipment", &sent.purchase, sent.clone()).await;
    sent
}

/// Appends the first event of a stream.
async fn append<E: EventData>(store: &EventStore, category: &str, id: &str, event: E) {
    let (stream, events) = (format!("{category}-{id}"), [Event::new(event)]);
    let appended = store.append(&stream, category, ExpectedVersion::NoStream, &events);
    appended.await.unwrap();
}

struct FulfilmentSaga;

impl Saga for FulfilmentSaga {
    type State = Fulfilment;

    fn name() -> &'static str {
        "fulfilment"
    }

    fn build(builder: SagaBuilder<Self>) -> SagaBuilder<Self> {
        let begun = builder.start_on::<Purchase, _>(|PurchaseEvent::Placed { id, .. }| {
            Some(Start {
                instance_id: id.clone(),
                state: Fulfilment {
                    purchase: id.clone(),
                },
            })
        });
        let pay = task(capture)
            .effect(captured)
            .on_response(|paid: Captured| paid);
        let ship = task(send).effect(sent).after("pay");
        let ship = ship.on_response(|sent: Sent| sent).terminal_success();
        begun.step("pay", pay).step("ship", ship)
    }
}

/// Runner of the saga.
pub struct Sagas {
    store: EventStore,
    runner: Arc<PgSagaRunner<FulfilmentSaga>>,
}

impl Sagas {
    pub async fn new(bench: &Bench) -> Self {
        let url = bench.server.database("mire_saga").await;
        let store = EventStore::new(server::pool(&url, CONNECTIONS).await);
        store.migrate().await.unwrap();
        mire_sagas::migrate(&store).await.unwrap();
        let saga = FulfilmentSaga::build(SagaBuilder::for_saga()).dep(store.clone());
        let runner = Arc::new(PgSagaRunner::new(saga, store.clone()));
        Self { store, runner }
    }

    /// Returns how long it takes until the sagas of this many orders have ended.
    pub async fn many(&self, orders: usize, clients: usize) -> Duration {
        let start = Instant::now();
        let mut placing = JoinSet::new();
        for client in 0..clients {
            let (store, runner) = (self.store.clone(), Arc::clone(&self.runner));
            let count = (client..orders).step_by(clients).count();
            placing.spawn(async move {
                for _ in 0..count {
                    let id = Uuid::now_v7().to_string();
                    let placed = PurchaseEvent::Placed {
                        id: id.clone(),
                        cents: 990,
                    };
                    append(&store, "purchase", &id, placed.clone()).await;
                    runner.trigger::<Purchase>(&placed).await.unwrap();
                    assert!(runner.is_succeeded(&id).await.unwrap());
                }
            });
        }
        placing.join_all().await;
        start.elapsed()
    }
}
