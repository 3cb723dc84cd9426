//! Views that are built from the first event, by one shard and by four, and appends meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eventsource_runtime::{Note, Runtime, catch_up};

use super::Bench;
use super::models::MinutesView;
use super::worker::{Worker, level};
use crate::measure::{Measured, append_rate};
use crate::report::{Report, Table};
use crate::sides::{Ours, Side};

const NAME: &str = "minutes_view";
const ONE: &str = "one shard";
const FOUR: &str = "four shards";
const REBUILD: &str = "four shards, beside the live one";

/// Clients that append meanwhile.
const CLIENTS: usize = 4;

pub async fn run(bench: &Bench, report: &mut Report) {
    let tickets: u32 = if bench.quick { 1_000 } else { 30_000 };
    let events = f64::from(tickets * 10);
    let built = [("rebuild_one", 1), ("rebuild_four", 4)];
    let mut databases = Vec::new();
    for (name, _) in built {
        let ours = Ours::connect(&bench.server.database(name).await, 10).await;
        ours.seed(tickets).await;
        ours.store.migrate_runtime().await.unwrap();
        databases.push(ours);
    }
    let mut rates = [const { Vec::new() }; 3];
    let mut appends = [const { Vec::new() }; 2];
    for _ in 0..bench.turns.rounds {
        for (side, (_, shards)) in built.iter().enumerate() {
            let took = first(&databases[side], *shards).await;
            rates[side].push(events / took.as_secs_f64());
        }
        let took = again(&databases[1], async {}).await.0;
        rates[2].push(events / took.as_secs_f64());
    }
    // Last, since each adds events.
    let ours: Arc<dyn Side> = Arc::new(databases.remove(1));
    let building = Ours::connect(&bench.server.database(built[1].0).await, 6).await;
    for _ in 0..bench.turns.rounds {
        let worker = Worker::start(runtime(&building, 4).await);
        appends[0].push(append_rate(&ours, CLIENTS, 1, bench.turns.turn).await);
        worker.stop().await;
        let meanwhile = append_rate(&ours, CLIENTS, 1, bench.turns.turn);
        appends[1].push(again(&building, meanwhile).await.1);
    }
    let column = "events a second";
    let table = Table {
        title: "View built from the first event",
        about: format!(
            "Events a second of a running worker, from its start until the view has all {events} events. \
             The last row is `Runtime::rebuild`, from the call until readers are on the new generation."
        ),
        columns: vec![column.to_owned()],
        rows: [ONE, FOUR, REBUILD]
            .iter()
            .zip(rates)
            .map(|(name, rates)| ((*name).to_owned(), vec![Measured::known(rates)]))
            .collect(),
        picture: None,
    };
    report.at_least(
        "view built from the first event, four shards",
        "1.5x one shard, on 2 cores",
        &[(ONE, table.ratio(FOUR, ONE, column), 1.5)],
    );
    report.table(table);
    let (alone, meanwhile) = ("no rebuild", "during a rebuild");
    let table = Table {
        title: "Appends during a rebuild",
        about: format!(
            "Events a second of {CLIENTS} clients, one event a call, while a worker in this process keeps the \
             view level, and while it builds it again besides."
        ),
        columns: vec![column.to_owned()],
        rows: [alone, meanwhile]
            .iter()
            .zip(appends)
            .map(|(name, rates)| ((*name).to_owned(), vec![Measured::known(rates)]))
            .collect(),
        picture: None,
    };
    report.at_least(
        "live appends during a rebuild",
        "0.7 of those without",
        &[(alone, table.ratio(meanwhile, alone, column), 0.7)],
    );
    report.table(table);
}

/// Builds the view for the first time.
async fn first(ours: &Ours, shards: u16) -> Duration {
    forget(ours).await;
    level(runtime(ours, shards).await).await
}

/// Builds the view, which is level, again; returns how long that took, and what was done meanwhile.
async fn again<T>(ours: &Ours, meanwhile: impl Future<Output = T>) -> (Duration, T) {
    let runtime = runtime(ours, 4).await;
    // Level with what was appended since.
    runtime.settle().await.unwrap();
    let generation = runtime.status().await.unwrap()[0].generation;
    let worker = Worker::start(runtime.clone());
    let start = Instant::now();
    let note = Note::by("benchmark", "to measure it");
    runtime.rebuild(NAME, note).await.unwrap();
    let built = async {
        while runtime.status().await.unwrap()[0].generation == generation {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        start.elapsed()
    };
    let (took, done) = tokio::join!(built, meanwhile);
    worker.stop().await;
    (took, done)
}

async fn runtime(ours: &Ours, shards: u16) -> Runtime {
    let view = catch_up::<MinutesView>()
        .reads(&ours.tickets)
        .shards(shards);
    let runtime = Runtime::new(&ours.store).add(view).build().await;
    runtime.unwrap()
}

/// Drops all generations of the view, and all that is known of it.
async fn forget(ours: &Ours) {
    let mut reset = ours.store.begin().await.unwrap();
    let tables = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname LIKE $1";
    let tables = reset
        .fetch(tables, (format!("{NAME}\\_\\_%"),))
        .await
        .unwrap();
    for table in &tables {
        let drop = format!("DROP TABLE {{{}}} CASCADE", table.get::<String>(0).unwrap());
        reset.execute_all(&drop).await.unwrap();
    }
    for table in [
        "eventsource_shard",
        "eventsource_generation",
        "eventsource_subscription",
    ] {
        let sql = format!("DELETE FROM {{{table}}}");
        reset.execute(&sql, ()).await.unwrap();
    }
    reset.commit().await.unwrap();
}
