//! Several processes create at once, some of them are killed: numbers have no gap (X18, X21).
//!
//! A process is this test once more, with an address to work at in its environment.

use std::collections::BTreeSet;
use std::process::Stdio;

use eventsource_core::{Error, Event, EventStore, StoreOptions};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::database::Database;
use crate::support::shipments::{ShipmentEvent, sender};

const URL: &str = "CREATE_SHIPMENTS_AT";
const SCHEMA: &str = "CREATE_SHIPMENTS_IN";
const COUNT: &str = "CREATE_SHIPMENTS_COUNT";

const PROCESSES: usize = 4;
const EACH: u64 = 30;
const KILLED: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres() {
    if let Ok(url) = std::env::var(URL) {
        return create(&url).await;
    }
    let database = Database::postgres().await;
    no_gap("faults::killed_creators::on_postgres", &database).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_file() {
    if let Ok(url) = std::env::var(URL) {
        return create(&url).await;
    }
    let database = Database::sqlite_file().await;
    no_gap("faults::killed_creators::on_a_file", &database).await;
    database.remove().await;
}

/// Creates shipments, and says so; every other creation is refused or given up.
async fn create(url: &str) {
    let mut options = StoreOptions::new(url).max_connections(2);
    if let Ok(schema) = std::env::var(SCHEMA) {
        options = options.schema(schema);
    }
    let store = options.connect().await.unwrap();
    let shipments: EventStore<ShipmentEvent> = store.open().await.unwrap();
    let count: u64 = std::env::var(COUNT).unwrap().parse().unwrap();
    let everyone = sender().with_role("CUSTOMER");
    for n in 0..count {
        let create = || shipments.create(ShipmentEvent::Created).by(&everyone);
        match n % 3 {
            0 => {
                let refused = create().then(ShipmentEvent::Delivered).await.unwrap_err();
                assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
            }
            // Whoever wants it loses patience, perhaps before the number is taken, perhaps after.
            1 => {
                let create =
                    std::pin::pin!(create().idempotency_key(uuid::Uuid::now_v7()).into_future());
                let patience = tokio::task::yield_now();
                let mut patience = std::pin::pin!(async move {
                    patience.await;
                    for _ in 0..n % 7 {
                        tokio::task::yield_now().await;
                    }
                });
                tokio::select! {
                    created = create => say(created.unwrap().entity_id()),
                    () = &mut patience => {}
                }
            }
            _ => {}
        }
        say(create().await.unwrap().entity_id());
    }
}

/// On a line of its own, beside what the harness of the tests says.
fn say(id: eventsource_core::EntityId) {
    println!("\n{}", ShipmentEvent::ID.format(id));
}

struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(test: &str, database: &Database, count: u64) -> Self {
        let (url, schema) = database.address();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", test, "--nocapture"])
            .env(URL, url)
            .env(COUNT, count.to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(schema) = schema {
            command.env(SCHEMA, schema);
        }
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What it has created next; `None` if it has ended.
    async fn next(&mut self) -> Option<String> {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            if line.starts_with("SHP-") {
                return Some(line);
            }
        }
        None
    }
}

async fn no_gap(test: &'static str, database: &Database) {
    let shipments = database.events::<ShipmentEvent>().await;
    let workers: Vec<Process> = (0..PROCESSES)
        .map(|_| Process::start(test, database, EACH))
        .collect();
    let mut said = Vec::new();
    // While they work others come, create, and are killed in the middle of it.
    for lives in 1..=KILLED {
        let mut victim = Process::start(test, database, u64::MAX);
        for _ in 0..lives {
            said.push(victim.next().await.expect("it creates until it is killed"));
        }
        victim.child.kill().await.unwrap();
        while let Some(id) = victim.next().await {
            said.push(id);
        }
    }
    for mut worker in workers {
        let before = said.len();
        while let Some(id) = worker.next().await {
            said.push(id);
        }
        assert!(worker.child.wait().await.unwrap().success());
        assert!(said.len() >= before + EACH as usize);
    }
    // Waits for whatever the killed ones have left behind.
    let last = shipments
        .create(ShipmentEvent::Created)
        .by(sender())
        .await
        .unwrap();
    let last = last.entity_id();
    let unique: BTreeSet<&String> = said.iter().collect();
    assert_eq!(unique.len(), said.len(), "a number was given twice");

    // 1 to the last, each once: as many as there are.
    let mut number = 0;
    loop {
        number += 1;
        let id = ShipmentEvent::ID
            .parse(&format!("SHP-{number:010}"))
            .unwrap();
        let head = shipments.load(id).await.unwrap();
        assert_eq!(head.expect("a gap").seq.get(), 1, "{number}");
        if id == last {
            break;
        }
    }
    assert!(said.len() < number);
    assert_eq!(
        shipments.search().limit(0).await.unwrap().total,
        number as u64
    );
    for id in &said {
        assert!(
            *id <= ShipmentEvent::ID.format(last),
            "{id} was said and is not there"
        );
    }
}
