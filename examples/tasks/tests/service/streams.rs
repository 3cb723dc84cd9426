//! Streams across restarts of the service.

use std::io::{BufRead, BufReader};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use uuid::Uuid;

use crate::process::{Service, databases};

const LISTENERS: usize = 200;
const TASKS: usize = 10;
const EVENTS: usize = 5000;
/// Number of events in one request.
const LIST: usize = 25;

/// Every client that resumes receives every event exactly once, in order.
#[test]
fn stream_clients_receive_every_event_across_restarts() {
    for (url, _folder) in databases() {
        let service = Service::start(&url);
        let address = service.address.clone();
        let tasks: Vec<Uuid> = (0..TASKS).map(|_| Uuid::now_v7()).collect();
        for task in &tasks {
            begin(&service, *task);
        }
        let heard = AtomicUsize::new(0);
        let service = Mutex::new(Some(service));
        std::thread::scope(|scope| {
            let (address, tasks, heard) = (&address, &tasks, &heard);
            for listener in 0..LISTENERS {
                scope.spawn(move || {
                    if listener % 4 == 0 {
                        // Four events before, and its part of the others.
                        let task = tasks[listener % TASKS];
                        let path = format!("/api/v1/task/{task}/stream");
                        listen(address, &path, 4 + EVENTS / TASKS, heard);
                    } else {
                        let all = 4 * TASKS + EVENTS;
                        listen(address, "/api/v1/task_event/stream", all, heard);
                    }
                });
            }
            scope.spawn(move || write(address, tasks));
            for signal in ["-TERM", "-KILL"] {
                // Some of it has been heard, and some is still to come.
                let so_far = heard.load(Ordering::Relaxed) + LISTENERS * 500;
                while heard.load(Ordering::Relaxed) < so_far {
                    std::thread::yield_now();
                    std::thread::sleep(Duration::from_millis(5));
                }
                let mut service = service.lock().unwrap();
                let mut old = service.take().unwrap();
                old.signal(signal);
                old.child.wait().unwrap();
                *service = Some(Service::start_at(address, &url));
            }
        });
    }
}

fn begin(service: &Service, task: Uuid) {
    let url = format!("http://{}/api/v1/task/{task}/task_event", service.address);
    let events = json!([
        {"eventType": "CREATED"},
        {"eventType": "ASSIGNED", "assignee": "ann"},
        {"eventType": "SCHEDULED", "deadline": "2026-04-21T00:00:00Z"},
        {"eventType": "STARTED"},
    ]);
    assert_eq!(
        service.agent.post(&url).send_json(events).unwrap().status(),
        201
    );
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false);
    config.build().into()
}

/// Appends to the tasks in turn; unanswered requests are repeated with the same idempotency key.
fn write(address: &str, tasks: &[Uuid]) {
    let agent = agent();
    for request in 0..EVENTS / LIST {
        let task = tasks[request % TASKS];
        let events: Vec<Value> = (0..LIST)
            .map(|n| json!({"eventType": "REASSIGNED", "assignee": format!("{request}.{n}")}))
            .collect();
        let url = format!("http://{address}/api/v1/task/{task}/task_event");
        loop {
            let post = agent.post(&url);
            let post = post.header("Idempotency-Key", format!("request {request}"));
            match post.send_json(&events) {
                Ok(answer) if answer.status() == 201 => break,
                Ok(answer) => assert_eq!(answer.status(), 503),
                // Nobody is there.
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

/// Reads until it has received as many events, resuming whenever it is disconnected.
fn listen(address: &str, path: &str, events: usize, heard: &AtomicUsize) {
    let agent = agent();
    let mut last = 0;
    while last < events {
        let request = agent.get(format!("http://{address}{path}"));
        let request = request.header("Last-Event-ID", last.to_string());
        let Ok(mut answer) = request.call() else {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        if answer.status() == 503 {
            // Too much at once, as it says itself.
            std::thread::sleep(Duration::from_millis(200));
            continue;
        }
        assert_eq!(answer.status(), 200);
        let mut lines = BufReader::new(answer.body_mut().as_reader()).lines();
        let (mut id, mut data) = (None, false);
        while last < events
            && let Some(Ok(line)) = lines.next()
        {
            if let Some(text) = line.strip_prefix("id: ") {
                id = Some(text.parse::<usize>().unwrap());
            }
            data |= line.starts_with("data: ");
            // An event is one only when it is whole.
            if line.is_empty() {
                if let (Some(id), true) = (id, data) {
                    assert_eq!(id, last + 1, "{path}");
                    last = id;
                    heard.fetch_add(1, Ordering::Relaxed);
                }
                (id, data) = (None, false);
            }
        }
    }
}
