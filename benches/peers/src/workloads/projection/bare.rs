//! Loop of the upserts, with a checkpoint.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use super::{BATCH, EVENTS};
use crate::server;
use crate::workloads::Bench;
use crate::workloads::models::{UPSERT, create};

pub struct Loop {
    pool: PgPool,
    events: Vec<(Uuid, i64)>,
    upsert: String,
}

impl Loop {
    pub async fn new(bench: &Bench, tickets: u32) -> Arc<Self> {
        let pool = server::pool(&bench.server.database("bare_projection").await, 1).await;
        for sql in [
            create("minutes"),
            "CREATE TABLE checkpoint (position bigint NOT NULL)".to_owned(),
            "INSERT INTO checkpoint VALUES (0)".to_owned(),
        ] {
            let made = sqlx::query(AssertSqlSafe(sql)).execute(&pool).await;
            made.unwrap();
        }
        let events = (0..tickets).flat_map(|_| {
            let id = Uuid::now_v7();
            (0..EVENTS).map(move |place| (id, if place == 0 { 0 } else { 5 }))
        });
        Arc::new(Self {
            pool,
            events: events.collect(),
            upsert: UPSERT.replace("{minutes}", "minutes"),
        })
    }

    /// Runs the loop in a task, as the others run theirs.
    pub async fn run(self: &Arc<Self>) -> Duration {
        let this = Arc::clone(self);
        tokio::spawn(async move { this.upsert_all().await })
            .await
            .unwrap()
    }

    async fn upsert_all(&self) -> Duration {
        let emptied = sqlx::query("TRUNCATE minutes").execute(&self.pool).await;
        emptied.unwrap();
        let start = Instant::now();
        for batch in self.events.chunks(BATCH) {
            let mut transaction = self.pool.begin().await.unwrap();
            for (id, minutes) in batch {
                sqlx::query(AssertSqlSafe(self.upsert.as_str()))
                    .bind(id)
                    .bind(minutes)
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
            }
            sqlx::query("UPDATE checkpoint SET position = position + $1")
                .bind(i64::try_from(batch.len()).unwrap())
                .execute(&mut *transaction)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
        start.elapsed()
    }
}
