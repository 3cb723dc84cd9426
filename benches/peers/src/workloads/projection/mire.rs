//! Projection of mire, in the transaction of its checkpoint.

use std::time::{Duration, Instant};

use mire::{HandledEvent, ProjectionRunner, TransactionalEventHandler};
use sqlx::AssertSqlSafe;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{BATCH, EVENTS};
use crate::sides::{Mire, MireEvent, MireTicket, Side};
use crate::workloads::Bench;
use crate::workloads::models::{UPSERT, create};

pub struct Seeded(Mire);

impl Seeded {
    pub async fn new(bench: &Bench, tickets: u32) -> Self {
        let mire = Mire::connect(&bench.server.database("mire_projection").await, 8).await;
        let table = sqlx::query(AssertSqlSafe(create("minutes")));
        table.execute(mire.pool()).await.unwrap();
        for _ in 0..tickets {
            assert!(mire.append(Uuid::now_v7(), 0, EVENTS).await.is_ok());
        }
        Self(mire)
    }

    /// Runs a projection that has seen nothing until it has seen everything.
    pub async fn catch_up(&self, round: u32) -> Duration {
        let store = self.0.store();
        let emptied = sqlx::query("TRUNCATE minutes").execute(self.0.pool()).await;
        emptied.unwrap();
        let name = format!("minutes_{round}");
        let runner = ProjectionRunner::builder(store.clone())
            .subscribe_transactional(name.clone(), Minutes::new())
            .batch_size(i64::try_from(BATCH).unwrap())
            .build();
        let stop = CancellationToken::new();
        let start = Instant::now();
        let running = tokio::spawn(runner.run(stop.clone()));
        while store.projection_lag(&name).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let elapsed = start.elapsed();
        stop.cancel();
        running.await.unwrap().unwrap();
        elapsed
    }
}

struct Minutes {
    upsert: String,
}

impl Minutes {
    fn new() -> Self {
        Self {
            upsert: UPSERT.replace("{minutes}", "minutes"),
        }
    }
}

impl TransactionalEventHandler for Minutes {
    type Aggregate = MireTicket;

    async fn handle(
        &self,
        event: HandledEvent<MireEvent>,
        connection: &mut sqlx::PgConnection,
    ) -> anyhow::Result<()> {
        let id = event.stream_id().split_once('-').unwrap().1;
        let minutes = match event.event {
            MireEvent::Opened { .. } => 0,
            MireEvent::Commented { minutes, .. } => i64::from(minutes),
        };
        sqlx::query(AssertSqlSafe(self.upsert.as_str()))
            .bind(id.parse::<Uuid>()?)
            .bind(minutes)
            .execute(connection)
            .await?;
        Ok(())
    }
}
