//! Races of two clients.

use std::sync::Barrier;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::process::{Service, databases};

const ROUNDS: usize = 1000;

/// Each accepted append is in the history exactly once, and the others are refused.
#[test]
fn two_clients_racing_with_if_match_store_each_event_once() {
    for (url, _folder) in databases() {
        let service = Service::start(&url);
        let id = Uuid::now_v7();
        let append = format!("http://{}/api/v1/task/{id}/task_event", service.address);
        let begin = json!([
            {"eventType": "CREATED"},
            {"eventType": "ASSIGNED", "assignee": "ann"},
            {"eventType": "SCHEDULED", "deadline": "2026-04-21T00:00:00Z"},
            {"eventType": "STARTED"},
        ]);
        let begun = service.agent.post(&append).send_json(begin).unwrap();
        assert_eq!(begun.status(), 201);
        let barrier = Barrier::new(2);
        let race = |client: usize| {
            let mut accepted = Vec::new();
            let mut seen = 4;
            for round in 0..ROUNDS {
                // Both have seen the same.
                barrier.wait();
                let assignee = format!("{client} in {round}");
                let event = json!({"eventType": "REASSIGNED", "assignee": assignee});
                let request = service.agent.post(&append);
                let request = request.header("If-Match", format!("\"{seen}\""));
                let mut answer = request.send_json(event).unwrap();
                let body: Value = answer.body_mut().read_json().unwrap();
                match answer.status().as_u16() {
                    201 => {
                        seen += 1;
                        let tag = format!("\"{seen}\"");
                        assert_eq!(answer.headers()["etag"], tag.as_str());
                        accepted.push(assignee);
                    }
                    412 => {
                        assert_eq!(body["expected"], seen);
                        seen += 1;
                        assert_eq!(body["actual"], seen, "the other one is faster by one");
                    }
                    status => panic!("{status}: {body}"),
                }
            }
            accepted
        };
        let mut accepted = std::thread::scope(|scope| {
            let clients = [0, 1].map(|client| scope.spawn(move || race(client)));
            clients.map(|client| client.join().unwrap()).concat()
        });
        assert_eq!(accepted.len(), ROUNDS, "one of two each time");
        let (_, history) = service.get(&format!("/api/v1/task/{id}/history"));
        let events = history.as_array().unwrap().iter().skip(4);
        let mut stored: Vec<&str> = events
            .map(|event| event["assignee"].as_str().unwrap())
            .collect();
        stored.sort_unstable();
        accepted.sort_unstable();
        assert_eq!(stored, accepted);
    }
}
