//! Servers and programs that are killed while they write.
//!
//! `EVENTSOURCE_CRASHES` says how often, 5 times if it is not set.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use eventsource_core::{EntityId, EventStore, RecordedEvent, Retry, Seq, Store, StoreOptions};
use eventsource_tests::postgres::PostgresServer;
use eventsource_tests::waiting::LIMIT;
use tasks::TaskEvent;
use tokio::task::{JoinSet, spawn_blocking};

use crate::support::child::{self, Process};
use crate::support::feed::{check_order, whole};
use crate::support::machines::reassigned;
use crate::support::servers::own_server;
use crate::support::tasks::started;
use crate::support::waiting::{until, within};

fn crashes() -> u32 {
    match std::env::var("EVENTSOURCE_CRASHES") {
        Ok(crashes) => crashes.parse().expect("EVENTSOURCE_CRASHES is a number"),
        Err(_) => 5,
    }
}

/// Acknowledged events, by the names that the clients gave.
type Acknowledged = BTreeMap<String, RecordedEvent<TaskEvent>>;

/// Asserts that the streams are whole and hold what was acknowledged, each event once.
async fn check(tasks: &EventStore<TaskEvent>, ids: &[EntityId], mut acknowledged: Acknowledged) {
    let mut stored = BTreeSet::new();
    for id in ids {
        let history = tasks.history(*id).await.unwrap();
        for (n, event) in (1..).zip(&history) {
            assert_eq!(event.seq, Seq::new(n), "a gap");
            if let TaskEvent::Reassigned { assignee } = &event.event {
                assert!(stored.insert(assignee.clone()), "{assignee} is there twice");
                assert_eq!(acknowledged.remove(assignee).as_ref(), Some(event));
            }
        }
    }
    assert_eq!(acknowledged, BTreeMap::new(), "acknowledged and lost");
}

/// Kills the server and all its processes, again and again. Half of the clients wait and never hear of
/// it; the others are told that the outcome is not known, and repeat the request.
#[tokio::test(flavor = "multi_thread")]
async fn appends_survive_killed_postgres_server() {
    const CLIENTS: usize = 32;
    let Some(mut server) = own_server(PostgresServer::start).await else {
        return;
    };
    let open = |timeout| {
        let options = StoreOptions::new(server.url()).max_connections(8);
        options.acquire_timeout(timeout).connect()
    };
    let patient = open(LIMIT).await.unwrap();
    let impatient = open(Duration::from_millis(100)).await.unwrap();
    let tasks = patient.migrate::<TaskEvent>().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..CLIENTS / 2 {
        ids.push(started(&tasks).await);
    }
    let ids = Arc::new(ids);
    let (go_on, stored_count) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));

    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let waits = client % 2 == 0;
        let store = [&impatient, &patient][usize::from(waits)];
        let tasks = within(async {
            loop {
                match store.open::<TaskEvent>().await {
                    Err(error) if error.retry() == Retry::Later => {}
                    opened => break opened.unwrap(),
                }
            }
        })
        .await;
        let (ids, go_on, stored_count) = (
            Arc::clone(&ids),
            Arc::clone(&go_on),
            Arc::clone(&stored_count),
        );
        clients.spawn(async move {
            let (mut acknowledged, mut unknown) = (Acknowledged::new(), 0);
            for round in 0.. {
                if !go_on.load(Ordering::SeqCst) {
                    break;
                }
                let name = format!("{client}/{round}");
                // Every second time to one of the three that everybody appends to.
                let id = match round % 2 {
                    0 => ids[client % 3],
                    _ => ids[client / 2],
                };
                let append = || tasks.append(id, reassigned(&name));
                let appended = if waits {
                    append().await.unwrap()
                } else {
                    loop {
                        match append().idempotency_key(&name).await {
                            Ok(appended) => break appended,
                            Err(error) if error.retry() == Retry::Later => unknown += 1,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                };
                acknowledged.insert(name, appended.first().clone());
                stored_count.fetch_add(1, Ordering::SeqCst);
            }
            (acknowledged, unknown)
        });
    }
    let reader = tokio::spawn(read_through(patient.clone(), Arc::clone(&go_on)));

    for _ in 0..crashes() {
        let before = stored_count.load(Ordering::SeqCst);
        until(async || stored_count.load(Ordering::SeqCst) >= before + 200).await;
        server = spawn_blocking(move || {
            server.kill_nine_all().unwrap();
            server.restart().unwrap();
            server
        })
        .await
        .unwrap();
    }
    go_on.store(false, Ordering::SeqCst);
    let (mut acknowledged, mut unknown) = (Acknowledged::new(), 0);
    for (more, unknown_to_it) in within(clients.join_all()).await {
        acknowledged.extend(more);
        unknown += unknown_to_it;
    }
    assert!(unknown > 0, "nobody was impatient");
    let events = acknowledged.len() + 4 * ids.len();
    check(&tasks, &ids, acknowledged).await;

    let feed = whole(&patient).await;
    check_order(&feed);
    assert_eq!(feed.len(), events);
    let read = within(reader).await.unwrap();
    assert_eq!(feed[..read.len()], read);
    patient.close().await;
    impatient.close().await;
    spawn_blocking(|| server.stop()).await.unwrap().unwrap();
}

/// Follows the feed through the crashes. Nothing may be read that a crash takes back.
async fn read_through(store: Store, go_on: Arc<AtomicBool>) -> Vec<eventsource_core::FeedEvent> {
    let mut read = Vec::new();
    let mut follow = store.feed().subscribe();
    while go_on.load(Ordering::SeqCst) {
        match follow.next().await {
            Ok(event) => read.push(event),
            Err(error) => assert_eq!(error.retry(), Retry::Later, "{error:?}"),
        }
    }
    read
}

/// Kills a program that writes to SQLite, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_events_survive_killed_sqlite_writer() {
    const TEST: &str = "faults::crashes::acknowledged_events_survive_killed_sqlite_writer";
    if let Some(place) = child::role() {
        return write_for_ever(&place).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("crash.db").display());
    let tasks = Store::connect(&url).await.unwrap();
    let tasks = tasks.migrate::<TaskEvent>().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(started(&tasks).await);
    }
    let mut acknowledged = BTreeMap::new();
    for crash in 0..crashes() {
        let entities: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let place = format!("{crash} {url} {}", entities.join(" "));
        let mut program = Process::start(TEST, &place);
        let mut line_count = 0;
        while let Some(line) = within(program.line()).await {
            let (name, seq) = line.split_once(' ').unwrap();
            acknowledged.insert(name.to_owned(), seq.parse::<u32>().unwrap());
            line_count += 1;
            if line_count == 40 {
                program.signal("KILL").await;
            }
        }
        assert!(line_count >= 40, "it ended by itself");
        let mut stored = BTreeMap::new();
        for id in &ids {
            let history = tasks.history(*id).await.unwrap();
            for (n, event) in (1..).zip(&history) {
                assert_eq!(event.seq, Seq::new(n), "a gap");
                if let TaskEvent::Reassigned { assignee } = &event.event {
                    let twice = stored.insert(assignee.clone(), n);
                    assert_eq!(twice, None, "{assignee} is there twice");
                }
            }
            let head = tasks.head(*id).await.unwrap().unwrap();
            assert_eq!(head.seq.get() as usize, history.len());
        }
        for (name, seq) in &acknowledged {
            assert_eq!(stored.get(name), Some(seq), "{name} was acknowledged");
        }
        check_order(&whole_feed(&url).await);
    }
}

async fn whole_feed(url: &str) -> Vec<eventsource_core::FeedEvent> {
    whole(&Store::connect(url).await.unwrap()).await
}

async fn write_for_ever(place: &str) {
    let mut words = place.split(' ');
    let (crash, url) = (words.next().unwrap().to_owned(), words.next().unwrap());
    let tasks = Store::connect(url).await.unwrap();
    let tasks = tasks.open::<TaskEvent>().await.unwrap();
    let mut writers = JoinSet::new();
    for (writer, id) in words.enumerate() {
        let (tasks, crash, id) = (tasks.clone(), crash.clone(), id.parse().unwrap());
        writers.spawn(async move {
            for round in 0.. {
                let name = format!("{crash}/{writer}/{round}");
                let appended = tasks.append(id, reassigned(&name)).await.unwrap();
                child::send(&format!("{name} {}", appended.first().seq.get()));
            }
        });
    }
    writers.join_all().await;
}
