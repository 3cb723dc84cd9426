//! Appends to Postgres, with heads tied to the log and without, beside a blind insert through the same
//! driver.
//!
//! ```sh
//! cargo build --release -p eventsource-store-bench
//! cargo run -q -p eventsource-tests --bin with-postgres -- target/release/eventsource-store-bench
//! ```
//!
//! All sides take turns in one run, on a Postgres that is made for it, so that only the ratio means
//! something. Arguments: seconds a turn, clients (`1,4,16,64`), rounds.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use eventsource_core::schema::SchemaOptions;
use eventsource_core::{EntityId, Event, EventStore, StoreOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Something whose title changes.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "note")]
enum NoteEvent {
    Written {
        title: String,
    },
    #[event(follows = any_of(Written, Changed))]
    Changed {
        title: String,
    },
}

fn changed() -> NoteEvent {
    NoteEvent::Changed {
        title: "another title".to_owned(),
    }
}

const CONNECTIONS: u32 = 20;

/// The log without rules: what storing a row costs.
const BLIND: &str = "CREATE TABLE blind (
    note_id uuid NOT NULL, seq integer NOT NULL, clock bigserial, event_id uuid NOT NULL,
    event_type smallint NOT NULL, state bigint NOT NULL, version integer NOT NULL,
    recorded_at timestamptz NOT NULL, data jsonb NOT NULL, metadata jsonb NOT NULL,
    PRIMARY KEY (note_id, seq));
CREATE INDEX ON blind (clock);";

const INSERT: &str = "INSERT INTO blind
    (note_id, seq, event_id, event_type, state, version, recorded_at, data, metadata)
VALUES ($1, 1, $2, 1, 3, 1, $3, $4, $5)";

async fn insert_blindly(pool: PgPool) {
    sqlx::query(INSERT)
        .bind(Uuid::now_v7())
        .bind(Uuid::now_v7())
        .bind(Utc::now())
        .bind(json!({"title": "another title"}))
        .bind(json!({}))
        .execute(&pool)
        .await
        .unwrap();
}

/// How often a second `clients` do `work`, each after the other.
async fn rate<F: Future<Output = ()> + Send + 'static>(
    clients: usize,
    turn: Duration,
    work: impl Fn(usize) -> F + Clone + Send + 'static,
) -> f64 {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for client in 0..clients {
        let work = work.clone();
        running.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < turn {
                work(client).await;
                done += 1;
            }
            done
        });
    }
    let done: u32 = running.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

async fn append(notes: EventStore<NoteEvent>, id: EntityId) {
    notes.append(id, changed()).await.unwrap();
}

async fn migrated(url: &str, schema: SchemaOptions) -> EventStore<NoteEvent> {
    let options = StoreOptions::new(url).max_connections(CONNECTIONS);
    let store = options.schema_options(schema).connect().await.unwrap();
    store.migrate().await.unwrap()
}

async fn all_written(notes: &EventStore<NoteEvent>, clients: usize) -> Arc<Vec<EntityId>> {
    let mut ids = Vec::new();
    for _ in 0..clients {
        ids.push(written(notes).await);
    }
    Arc::new(ids)
}

async fn written(notes: &EventStore<NoteEvent>) -> EntityId {
    let id = EntityId::new();
    let title = "a title".to_owned();
    notes
        .append(id, NoteEvent::Written { title })
        .await
        .unwrap();
    id
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(1.5, |text| text.parse().unwrap());
    let clients = arguments.next().unwrap_or_else(|| "1,4,16,64".to_owned());
    let rounds = arguments.next().map_or(5, |text| text.parse().unwrap());
    let turn = Duration::from_secs_f64(seconds);

    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres");
    let notes = migrated(&url, SchemaOptions::new().schema("tied")).await;
    let trusting = migrated(&url, SchemaOptions::new().schema("trusting").trust_heads()).await;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .test_before_acquire(false)
        .connect(&url)
        .await
        .unwrap();
    sqlx::raw_sql(BLIND).execute(&pool).await.unwrap();

    println!("| clients | append/s | trusting heads/s | blind insert/s | append to blind |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    for clients in clients.split(',').map(|text| text.parse().unwrap()) {
        let (tied, untied) = (
            all_written(&notes, clients).await,
            all_written(&trusting, clients).await,
        );
        let (mut ours, mut theirs, mut blind) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (notes, ids) = (notes.clone(), Arc::clone(&tied));
            ours.push(
                rate(clients, turn, move |client| {
                    append(notes.clone(), ids[client])
                })
                .await,
            );
            let (notes, ids) = (trusting.clone(), Arc::clone(&untied));
            theirs.push(
                rate(clients, turn, move |client| {
                    append(notes.clone(), ids[client])
                })
                .await,
            );
            let pool = pool.clone();
            blind.push(rate(clients, turn, move |_| insert_blindly(pool.clone())).await);
        }
        let (ours, theirs, blind) = (median(ours), median(theirs), median(blind));
        let ratio = ours / blind;
        println!("| {clients} | {ours:.0} | {theirs:.0} | {blind:.0} | {ratio:.2} |");
    }
    let hot = written(&notes).await;
    let rate = rate(16, turn, move |_| append(notes.clone(), hot)).await;
    println!("| 16, one entity | {rate:.0} | | | |");
}
