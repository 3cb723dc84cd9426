//! quick look
#![allow(missing_docs)]
use eventsource_core::*;
use serde::{Deserialize, Serialize};
use sqlx::Executor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    Created {
        title: String,
    },
    #[event(follows = any_of(Created, Changed))]
    Changed {
        title: String,
    },
}

async fn run<F, Fut>(name: &str, clients: usize, secs: f64, f: F) -> f64
where
    F: Fn(usize) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let f = Arc::new(f);
    let n = Arc::new(AtomicU64::new(0));
    let t = Instant::now();
    let end = t + Duration::from_secs_f64(secs);
    let mut hs = vec![];
    for c in 0..clients {
        let (f, n) = (f.clone(), n.clone());
        hs.push(tokio::spawn(async move {
            while Instant::now() < end {
                f(c).await;
                n.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for h in hs {
        h.await.unwrap();
    }
    let rate = n.load(Ordering::Relaxed) as f64 / t.elapsed().as_secs_f64();
    println!("{name:30} {clients:5} clients {rate:9.0}/s");
    rate
}

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").unwrap();
    let store = StoreOptions::new(&url)
        .max_connections(20)
        .connect()
        .await
        .unwrap();
    let tasks = Arc::new(store.migrate::<TaskEvent>().await.unwrap());
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(20)
        .test_before_acquire(false)
        .connect(&url)
        .await
        .unwrap();
    pool.execute("CREATE TABLE IF NOT EXISTS blind (task_id uuid NOT NULL, seq int NOT NULL, clock bigserial, event_id uuid NOT NULL, event_type smallint NOT NULL, state bigint NOT NULL, version int NOT NULL, recorded_at timestamptz NOT NULL, data jsonb NOT NULL, metadata jsonb NOT NULL, PRIMARY KEY (task_id, seq)); CREATE INDEX IF NOT EXISTS blind_clock ON blind (clock)").await.unwrap();
    let secs: f64 = std::env::args().nth(1).map_or(2.0, |s| s.parse().unwrap());
    let list: Vec<usize> = std::env::args().nth(2).map_or(vec![1, 4, 16, 64], |s| {
        s.split(',').map(|x| x.parse().unwrap()).collect()
    });
    for clients in list {
        let ids: Arc<Vec<EntityId>> = Arc::new((0..clients).map(|_| EntityId::new()).collect());
        for id in ids.iter() {
            tasks
                .append(*id, TaskEvent::Created { title: "a".into() })
                .await
                .unwrap();
        }
        for _ in 0..2 {
            let (t, i) = (tasks.clone(), ids.clone());
            run("ours", clients, secs, move |c| {
                let (t, id) = (t.clone(), i[c]);
                async move {
                    t.append(
                        id,
                        TaskEvent::Changed {
                            title: "another title".into(),
                        },
                    )
                    .await
                    .unwrap();
                }
            })
            .await;
            let p = pool.clone();
            run("blind insert", clients, secs, move |_| { let p = p.clone(); async move {
                sqlx::query("INSERT INTO blind (task_id, seq, event_id, event_type, state, version, recorded_at, data, metadata) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)")
                .bind(uuid::Uuid::now_v7()).bind(1i32).bind(uuid::Uuid::now_v7()).bind(1i16).bind(3i64).bind(1i32).bind(chrono::Utc::now())
                .bind(serde_json::json!({"title":"another title"})).bind(serde_json::json!({})).execute(&p).await.unwrap(); } }).await;
        }
    }
    let hot = EntityId::new();
    tasks
        .append(hot, TaskEvent::Created { title: "a".into() })
        .await
        .unwrap();
    let t = tasks.clone();
    run("hot entity", 16, secs, move |_| {
        let t = t.clone();
        async move {
            t.append(hot, TaskEvent::Changed { title: "x".into() })
                .await
                .unwrap();
        }
    })
    .await;
}
