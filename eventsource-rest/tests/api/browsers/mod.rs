//! What a page of another origin can make a browser do, tried over a socket.

mod headers;
mod hosts;
mod origins;

use eventsource_core::EventStore;
use serde_json::Value;
use tasks::TaskEvent;

use crate::sockets::RawAnswer;

const OWN: &str = "host: localhost\n";
const JSON: &str = "content-type: application/json\n";

async fn stored(tasks: &EventStore<TaskEvent>) -> u64 {
    tasks.search().limit(0).await.unwrap().total.unwrap()
}

fn kind(answer: &RawAnswer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let kind = body["type"].as_str().unwrap_or_default();
    kind.trim_start_matches("/problems/").to_owned()
}
