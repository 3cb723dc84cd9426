//! Read models of this project, on the runtime.

use std::time::Duration;

use eventsource_runtime::{Runtime, RuntimeBuilder, catch_up, projection};

use crate::sides::Ours;
use crate::workloads::Bench;
use crate::workloads::models::{MinutesInSql, MinutesView};
use crate::workloads::worker::level;

pub struct Seeded(Ours);

impl Seeded {
    pub async fn new(bench: &Bench, tickets: u32) -> Self {
        let ours = Ours::connect(&bench.server.database("our_projection").await, 8).await;
        ours.seed(tickets).await;
        ours.store.migrate_runtime().await.unwrap();
        Self(ours)
    }

    pub async fn projection(&self) -> Duration {
        let subscription = projection(MinutesInSql).reads(&self.0.tickets);
        let runtime = Runtime::new(&self.0.store).add(subscription);
        self.run(runtime, "minutes__1", "minutes_in_sql").await
    }

    pub async fn view(&self) -> Duration {
        let subscription = catch_up::<MinutesView>().reads(&self.0.tickets);
        let runtime = Runtime::new(&self.0.store).add(subscription);
        self.run(runtime, "minutes_view__1", "minutes_view").await
    }

    /// Runs a read model that has seen nothing until it has seen everything.
    async fn run(&self, runtime: RuntimeBuilder, table: &str, name: &str) -> Duration {
        let runtime = runtime.build().await.unwrap();
        let mut reset = self.0.store.begin().await.unwrap();
        let empty = format!("TRUNCATE {{{table}}}");
        reset.execute(&empty, ()).await.unwrap();
        let back = "UPDATE {eventsource_shard} SET position = 0 WHERE subscription = $1";
        reset.execute(back, (name,)).await.unwrap();
        reset.commit().await.unwrap();
        level(runtime).await
    }
}
