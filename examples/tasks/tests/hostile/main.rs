//! Strangers who hold what they can, while a well-behaved client works.
//!
//! The program has 512 MiB for its data and 1,024 files. Strangers at other addresses hold idle
//! connections, streams that they do not read, and bodies that they send slowly, and send bodies of
//! which everything is wrong. The client must not notice: no request fails, and the 99th percentile
//! of its latency stays within a second of what it was before.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "../service/process.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod process;
mod strangers;

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use process::Service;
use strangers::Strangers;

/// Time for which the client works alone, and then among the strangers.
const QUIET: Duration = Duration::from_secs(3);
const LOUD: Duration = Duration::from_secs(35);

/// What the strangers may add to the latency of the client.
const MOST_ADDED: Duration = Duration::from_secs(1);

#[test]
fn strangers_who_hold_what_they_can_do_not_disturb_a_client() {
    require_files(4096);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("tasks.db").display());
    let mut limited = Command::new("prlimit");
    limited.args(["--data=536870912", "--nofile=1024"]);
    limited.arg(env!("CARGO_BIN_EXE_tasks"));
    let mut service = Service::run(limited, &url);
    append_large_events(&service);

    let quiet = Latencies::of_client(&service, QUIET);
    let strangers = Strangers::begin(service.address.parse().unwrap());
    strangers.wait_until_all_are_there();
    let loud = Latencies::of_client(&service, LOUD);
    let seen = strangers.end();

    let memory = peak_memory(&service);
    println!("alone:     {quiet}\nstrangers: {loud}\n{seen}\n{memory}");
    assert!(service.child.try_wait().unwrap().is_none(), "it still runs");
    assert!(
        loud.percentile(99) <= quiet.percentile(99) + MOST_ADDED,
        "alone: {quiet}; among strangers: {loud}"
    );
    assert_eq!(service.get("/api/ready").0, 200);
}

/// Checks that this process may have so many files open.
fn require_files(needed: usize) {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let files = files.unwrap().split_whitespace().next().unwrap();
    let enough = files.parse::<usize>().is_ok_and(|files| files >= needed);
    assert!(
        enough || files == "unlimited",
        "the test opens thousands of connections: run it by ./test, or say `ulimit -n {needed}`"
    );
}

/// Appends events of half a megabyte, for the streams.
fn append_large_events(service: &Service) {
    let description = "x".repeat(500_000);
    for _ in 0..20 {
        let event = json!({"eventType": "CREATED", "description": description});
        assert_eq!(service.post(&event).0, 201);
    }
}

/// Latencies of requests, in ascending order.
struct Latencies(Vec<Duration>);

impl Latencies {
    /// Lets a client append and read, one request after the other; none may fail.
    fn of_client(service: &Service, time: Duration) -> Self {
        let end = Instant::now() + time;
        let mut latencies = Vec::new();
        let mut timed = |request: &dyn Fn() -> u16, status| {
            let began = Instant::now();
            assert_eq!(request(), status);
            latencies.push(began.elapsed());
        };
        while Instant::now() < end {
            let id = Uuid::now_v7();
            let event = json!({"taskId": id, "eventType": "CREATED"});
            timed(&|| service.post(&event).0, 201);
            timed(&|| service.get(&format!("/api/v1/task/{id}")).0, 200);
            let path = format!("/api/v1/task_event?task_id={id}");
            timed(&|| service.get(&path).0, 200);
            timed(&|| service.get("/api/health").0, 200);
        }
        latencies.sort_unstable();
        Self(latencies)
    }

    fn percentile(&self, percent: usize) -> Duration {
        self.0[(self.0.len() - 1) * percent / 100]
    }
}

impl std::fmt::Display for Latencies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [half, most, all] = [50, 99, 100].map(|percent| self.percentile(percent));
        let count = self.0.len();
        write!(
            out,
            "{count} requests, p50 {half:.1?}, p99 {most:.1?}, max {all:.1?}"
        )
    }
}

/// Returns what the system says of the program's memory.
fn peak_memory(service: &Service) -> String {
    let status = format!("/proc/{}/status", service.child.id());
    let status = std::fs::read_to_string(status).unwrap();
    let lines = status.lines().filter(|line| {
        ["VmHWM", "VmData", "Threads"]
            .iter()
            .any(|name| line.starts_with(name))
    });
    lines.collect::<Vec<_>>().join("; ")
}
