//! What comes twice, or to two workers at once.

use eventsource_core::{Command, Decision, Entity, EntityId, Event, EventStore, RecordedEvent};
use eventsource_runtime::{Act, Process, ProcessKey, ReactsTo, Record, Runtime, process};
use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use serde::{Deserialize, Serialize};

use super::books::{Books, PATIENCE};
use crate::support::database::Database;
use crate::support::waiting::until;

/// Lets the process see all events once more, as after a crash before its first checkpoint.
async fn forget(database: &Database, name: &str) {
    let sql = "UPDATE eventsource_shard SET position = 0 WHERE subscription = ";
    let sql = AssertSqlSafe(format!("{sql}'{name}'"));
    sqlx::query(sql)
        .execute(&database.sql().await)
        .await
        .unwrap();
}

async fn event_that_comes_twice_changes_nothing(database: &Database) {
    let books = Books::open(database).await;
    let runtime = books.runtime().await;
    let orders = [
        books.place().await,
        books.place_for(40_000, 890).await,
        books.place_for(250, 200_000).await,
        books.place().await,
    ];
    runtime.settle().await.unwrap();
    assert!(books.dispatch(orders[0]).await);
    books.clock.advance(PATIENCE);
    runtime.settle().await.unwrap();
    drop(runtime);
    let before = books.store.feed().latest_position().await.unwrap();

    for _ in 0..2 {
        forget(database, "fulfilment").await;
        books.runtime().await.settle().await.unwrap();
        assert_eq!(
            books.store.feed().latest_position().await.unwrap(),
            before,
            "something new has happened"
        );
    }
    for order in orders {
        books.assert_settled(order).await;
    }
}

/// Two programs run the process, on many orders, and neither knows of the other.
async fn two_workers_execute_each_command_once(database: &Database) {
    const ORDERS: usize = 40;
    let books = Books::open(database).await;
    let other = Books::open(database).await;
    let stop = CancellationToken::new();
    let mut workers = JoinSet::new();
    for books in [&books, &other] {
        let runtime = books.runtime().await;
        workers.spawn(runtime.run_until(stop.clone().cancelled_owned()));
    }
    let mut orders = Vec::new();
    for n in 0..ORDERS {
        let (grams, cents) = [(250, 890), (40_000, 890), (250, 200_000)][n % 3];
        orders.push(books.place_for(grams, cents).await);
    }
    for order in &orders {
        until(async || {
            books.dispatch(*order).await;
            books.order(*order).await.len() == 2
        })
        .await;
    }
    stop.cancel();
    while let Some(stopped) = workers.join_next().await {
        stopped.unwrap();
    }
    for order in orders {
        books.assert_settled(order).await;
    }
}

/// Gate that somebody opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "gate", allow(never_ends))]
enum GateEvent {
    Built,
    #[event(follows = Built)]
    Opened,
    #[event(follows = Opened, accumulate = keep())]
    Passed,
}

#[derive(Serialize)]
struct Pass;

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("the gate is closed")]
struct Closed;

impl Command<GateEvent> for Pass {
    const NAME: &'static str = "pass";
    type State = GateData;
    type Refusal = Closed;

    fn decide(&self, gate: &Entity<GateEvent, GateData>) -> Result<Decision<GateEvent>, Closed> {
        match gate.may(GateEventType::Passed) {
            true => Ok(GateEvent::Passed.into()),
            false => Err(Closed),
        }
    }
}

/// Trip that goes through a gate, or home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "trip")]
enum TripEvent {
    Begun {
        gate: EntityId,
    },
    #[event(follows = Begun, terminal)]
    WentHome,
}

struct Trip(EventStore<GateEvent>);

impl Process for Trip {
    type Event = TripEvent;
    type Command = Record<TripEvent>;
    const NAME: &'static str = "trip";

    fn act(&self, event: &RecordedEvent<TripEvent>, _so_far: &TripData) -> Vec<Act<Self>> {
        match event.event {
            TripEvent::Begun { gate } => {
                let pass = Act::command(&self.0, gate, Pass);
                vec![pass.if_refused(|Closed| Record(TripEvent::WentHome))]
            }
            TripEvent::WentHome => vec![],
        }
    }
}

impl ReactsTo<GateEvent> for Trip {
    fn react(&self, gate: &RecordedEvent<GateEvent>) -> Option<(ProcessKey, Self::Command)> {
        let begun = TripEvent::Begun {
            gate: gate.entity_id,
        };
        (gate.event == GateEvent::Built).then(|| (gate.entity_id.into(), Record(begun)))
    }
}

/// What the process has been told holds, though the command would be accepted by now.
async fn refusal_stays_one_when_the_command_comes_again(database: &Database) {
    let store = database.store();
    let gates = database.events::<GateEvent>().await;
    let trips = database.events::<TripEvent>().await;
    let runtime = async || {
        let trip = process(Trip(gates.clone()), &trips).reacts_to(&gates);
        Runtime::new(store).add(trip).build().await.unwrap()
    };
    let gate = EntityId::new();
    gates.append(gate, GateEvent::Built).await.unwrap();
    runtime().await.settle().await.unwrap();
    gates.append(gate, GateEvent::Opened).await.unwrap();
    forget(database, "trip").await;
    runtime().await.settle().await.unwrap();

    let trip = trips.history(Trip::id(gate)).await.unwrap();
    assert_eq!(trip[1].event, TripEvent::WentHome);
    let gate = gates.history(gate).await.unwrap();
    assert_eq!(
        gate.len(),
        2,
        "the gate was passed by somebody who had gone home"
    );
}

on_every_database! {
    event_that_comes_twice_changes_nothing,
    refusal_stays_one_when_the_command_comes_again,
}

on! { sqlite_file, postgres:
    two_workers_execute_each_command_once,
}
