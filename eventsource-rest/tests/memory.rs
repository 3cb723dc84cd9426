//! What clients can make a service hold is bounded in bytes.
//!
//! The memory of this process is measured, clients included, which hold little. One test, because
//! another at the same time would be measured too.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use eventsource_core::{EntityId, EventStore, Store};
use eventsource_rest::{Service, serve};
use serde_json::{Value, json};
use tasks::TaskEvent;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MIB: usize = 1024 * 1024;

/// Length of a large event.
const LARGE: usize = MIB / 2;

/// Number of large events that are stored.
const EVENTS: usize = 40;

/// Longest time to wait for what is expected.
const PATIENCE: Duration = Duration::from_mins(3);

/// Reads a number of `/proc/self/status`, in bytes.
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: usize = line.unwrap().trim_end_matches("kB").trim().parse().unwrap();
    kib * 1024
}

/// Memory of the process since it was begun to be measured.
struct Measured(usize);

impl Measured {
    fn begin() -> Self {
        // Sets the peak back to what is resident now.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        Self(status("VmRSS:"))
    }

    fn assert_below(&self, mib: usize, what: &str) {
        let grown = status("VmHWM:").saturating_sub(self.0);
        println!("{what}: {} MiB", grown / MIB);
        assert!(grown < mib * MIB, "{what}: {} MiB", grown / MIB);
    }
}

fn large_event(number: usize) -> TaskEvent {
    let assignee = format!("{number:04}{}", "a".repeat(LARGE));
    TaskEvent::Reassigned { assignee }
}

/// Stores a task with large events.
async fn stored(tasks: &EventStore<TaskEvent>) -> EntityId {
    let id = EntityId::new();
    let events: [Value; 4] = [
        json!({"Created": {"description": null}}),
        json!({"Assigned": {"assignee": "ann"}}),
        json!({"Scheduled": {"deadline": "2026-12-01T12:00:00Z"}}),
        json!("Started"),
    ];
    for event in events {
        let event: TaskEvent = serde_json::from_value(event).unwrap();
        tasks.append(id, event).await.unwrap();
    }
    for number in 0..EVENTS {
        tasks.append(id, large_event(number)).await.unwrap();
    }
    id
}

/// Sends a request and leaves what follows unread.
async fn send(address: &str, request: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    socket
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
}

/// Reads to the end of the connection, in small pieces; returns the text if `keep`, and its length.
async fn read_slowly(mut socket: TcpStream, keep: bool) -> (String, usize) {
    let (mut text, mut length) = (String::new(), 0);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::time::timeout(PATIENCE, socket.read(&mut buffer));
        match read.await.unwrap().unwrap() {
            0 => return (text, length),
            read if keep => text.push_str(&String::from_utf8_lossy(&buffer[..read])),
            read => length += read,
        }
        tokio::task::yield_now().await;
    }
}

/// Waits until the server has no more to write, because nobody reads.
async fn until_stalled(sockets: &[TcpStream]) {
    for socket in sockets {
        tokio::time::timeout(PATIENCE, socket.readable())
            .await
            .unwrap()
            .unwrap();
    }
    // The memory grows as long as there is anything to send.
    let mut before = 0;
    loop {
        let now = status("VmHWM:");
        if now == before {
            return;
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_of_large_answers_and_bodies_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("tasks.db").display());
    let store = Store::connect(&url).await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = stored(&tasks).await;
    let service = Service::new().mount(tasks.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(serve(listener, service, async {
        stopped.await.unwrap_or_default();
    }));
    // Buffers of connections to the database, and of the allocator, are there already.
    let page = send(&address, &get("/api/v1/task_event?limit=1")).await;
    read_slowly(page, true).await;

    let measured = Measured::begin();
    for path in [
        "/api/v1/task_event?limit=1000".to_owned(),
        format!("/api/v1/task/{id}/history"),
    ] {
        let (_, length) = read_slowly(send(&address, &get(&path)).await, false).await;
        assert!(length > EVENTS * LARGE, "{path}: {length}");
    }
    measured.assert_below(24, "a search and a history of 20 MiB, read slowly");

    let measured = Measured::begin();
    let mut streams = Vec::new();
    for path in [
        "/api/v1/task_event/stream".to_owned(),
        format!("/api/v1/task/{id}/stream"),
        format!("/api/v1/task/{id}/history"),
        "/api/v1/task_event?limit=1000".to_owned(),
    ] {
        for _ in 0..5 {
            streams.push(send(&address, &get(&path)).await);
        }
    }
    until_stalled(&streams).await;
    measured.assert_below(64, "20 answers of 20 MiB that nobody reads");
    drop(streams);

    let measured = Measured::begin();
    let path = format!("/api/v1/task_event/stream?after={}", EVENTS + 4);
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(send(&address, &get(&path)).await);
    }
    until_stalled(&streams).await;
    for number in 0..EVENTS {
        tasks.append(id, large_event(number)).await.unwrap();
    }
    until_stalled(&streams).await;
    measured.assert_below(40, "20 streams of 20 MiB of new events that nobody reads");
    drop(streams);

    let measured = Measured::begin();
    let fields: String = (0..170_000)
        .map(|field| format!(",\"x{field:05}\":1"))
        .collect();
    let body = format!("{{\"eventType\":\"CREATED\"{fields}}}");
    assert!(body.len() > 2 * MIB - MIB / 4 && body.len() < 2 * MIB);
    for (path, clients) in [("task_event", 20), ("task/validate", 4)] {
        let body = match path {
            "task_event" => body.clone(),
            _ => format!("{{\"events\":[{body}]}}"),
        };
        let head = format!(
            "POST /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let request = std::sync::Arc::new(head + &body);
        let mut answers = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let (address, request) = (address.clone(), std::sync::Arc::clone(&request));
            answers.spawn(async move { read_slowly(send(&address, &request).await, true).await.0 });
        }
        while let Some(answer) = answers.join_next().await {
            let answer = answer.unwrap();
            assert!(answer.contains("\"hasMore\":true"), "{answer}");
            assert_eq!(answer.matches("\"pointer\":").count(), 100);
            assert!(answer.len() < 64 * 1024, "{}", answer.len());
        }
    }
    measured.assert_below(128, "20 bodies of 2 MiB of faults at once");

    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}
