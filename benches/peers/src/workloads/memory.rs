//! Memory for a million events: each task is a process of its own, which reports its peak.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::Utc;
use eventsource_core::{EntityId, ExportedEvent, Position};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tokio::io::BufReader;
use tokio::process::Command;

use super::Bench;
use crate::report::{Report, Target, number};
use crate::sides::Ours;
use crate::ticket::{TicketEvent, event};

/// Task of a child process.
#[derive(Serialize, Deserialize)]
pub struct Child {
    task: Task,
    url: String,
}

#[derive(Serialize, Deserialize)]
enum Task {
    /// Import of lines of JSON.
    Import { file: PathBuf, exclusive: bool },
    /// Import of all events of one entity, which are generated meanwhile.
    ImportOne { events: u32 },
    /// Read and fold of the history of that entity.
    History { id: EntityId },
    /// Read and fold of the events of all entities, by the feed.
    Rebuild,
    /// Export as lines of JSON, which are discarded.
    Export,
}

/// Report of a child process that has finished.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    pub count: u64,
    pub seconds: f64,
    pub peak_mib: f64,
    pub id: Option<EntityId>,
}

impl Child {
    pub fn import(url: &str, file: &Path, exclusive: bool) -> Self {
        Self::new(
            url,
            Task::Import {
                file: file.to_owned(),
                exclusive,
            },
        )
    }

    fn new(url: &str, task: Task) -> Self {
        Self {
            task,
            url: url.to_owned(),
        }
    }
}

/// Runs the task in a child process and waits for it.
pub async fn child(child: &Child) -> Done {
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this)
        .arg("--child")
        .arg(serde_json::to_string(child).unwrap())
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs the task that the parent process has passed.
pub async fn run_child(child: &str) {
    let Child { task, url } = serde_json::from_str(child).unwrap();
    let ours = Ours::connect(&url, 4).await;
    let start = Instant::now();
    let mut id = None;
    let count = match task {
        Task::Import { file, exclusive } => {
            let file = tokio::fs::File::open(file).await.unwrap();
            let import = ours
                .tickets
                .import_lines(BufReader::with_capacity(1 << 16, file));
            let import = if exclusive {
                import.exclusive()
            } else {
                import
            };
            import.await.unwrap().events
        }
        Task::ImportOne { events } => {
            let (entity, now) = (EntityId::new(), Utc::now());
            id = Some(entity);
            let events =
                (0..events).map(|place| Ok(ExportedEvent::of(entity, &event(place), now)?));
            let events = futures_util::stream::iter(events);
            ours.tickets
                .import(events)
                .exclusive()
                .await
                .unwrap()
                .events
        }
        Task::History { id } => {
            let history = ours.tickets.history(id).stream();
            let count = history.try_fold((0_u64, 0_u64), |(count, minutes), recorded| async move {
                Ok((count + 1, minutes + minutes_of(&recorded.event)))
            });
            count.await.unwrap().0
        }
        Task::Rebuild => {
            let (mut at, mut count, mut minutes) = (Position::START, 0, 0);
            loop {
                let page = ours.tickets.feed().after(at).await.unwrap();
                if page.checkpoint == at {
                    break;
                }
                at = page.checkpoint;
                for (_, recorded) in &page.events {
                    count += 1;
                    minutes += minutes_of(&recorded.as_ref().unwrap().event);
                }
            }
            assert!(minutes > 0);
            count
        }
        Task::Export => ours
            .tickets
            .export()
            .lines(tokio::io::sink())
            .await
            .unwrap(),
    };
    let done = Done {
        count,
        seconds: start.elapsed().as_secs_f64(),
        peak_mib: peak_mib(),
        id,
    };
    println!("{}", serde_json::to_string(&done).unwrap());
}

fn minutes_of(event: &TicketEvent) -> u64 {
    match event {
        TicketEvent::Commented { minutes, .. } => u64::from(*minutes),
        _ => 0,
    }
}

/// Returns the peak memory of this process.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}

/// Writes this many events as lines, ten for each entity, those of a hundred entities interleaved.
pub fn lines_file(events: u64) -> PathBuf {
    let path = std::env::temp_dir().join(format!("eventsource-peers-{}.jsonl", std::process::id()));
    let file = std::fs::File::create(&path).unwrap();
    let mut file = BufWriter::new(file);
    let now = Utc::now();
    for _ in 0..events / 1000 {
        let ids: Vec<EntityId> = (0..100).map(|_| EntityId::new()).collect();
        for place in 0..10 {
            for id in &ids {
                let plain = ExportedEvent::of(*id, &event(place), now).unwrap();
                serde_json::to_writer(&mut file, &plain).unwrap();
                file.write_all(b"\n").unwrap();
            }
        }
    }
    file.flush().unwrap();
    path
}

pub async fn run(bench: &Bench, report: &mut Report) {
    const MOST: f64 = 96.0;
    let events: u32 = if bench.quick { 20_000 } else { 1_000_000 };
    let one = bench.server.database("memory_one").await;
    let many = bench.server.database("memory_many").await;
    let file = lines_file(u64::from(events));
    let filled = child(&Child::new(&one, Task::ImportOne { events })).await;
    let id = filled.id.unwrap();
    let mut measured = Vec::new();
    let mut met = true;
    for (name, child_) in [
        ("import", Child::import(&many, &file, false)),
        (
            "history as a stream",
            Child::new(&one, Task::History { id }),
        ),
        ("rebuild from the feed", Child::new(&many, Task::Rebuild)),
        ("export", Child::new(&many, Task::Export)),
    ] {
        let done = child(&child_).await;
        assert_eq!(done.count, u64::from(events), "{name}");
        let rate = done.count as f64 / done.seconds;
        met &= done.peak_mib < MOST;
        measured.push(format!(
            "{name} {} MiB ({} events/s)",
            number(done.peak_mib),
            number(rate)
        ));
    }
    let _ = std::fs::remove_file(file);
    report.target(Target {
        workload: "memory: stream 1M events of history, import 1M, rebuild over 1M",
        wanted: "peak resident set under 96 MiB each",
        measured: measured.join("; "),
        met,
    });
}
