//! Benchmark of the HTTP API: appends and reads of entities through the generated API, beside the
//! same calls in process and a hand-written axum handler that stores one row.
//!
//! ```sh
//! cargo build --release -p eventsource-http-bench
//! cargo run -q -p eventsource-tests --bin with-postgres -- target/release/eventsource-http-bench
//! ```
//!
//! All sides take turns in one run, clients and services in one process, so that only the ratios
//! mean something.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise"
)]

mod by_hand;
mod client;
mod load;
mod report;
mod sides;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::load::{median, rate};
use crate::report::Line;
use crate::sides::Sides;

/// Measures what the generated HTTP API costs.
#[derive(Parser)]
struct Options {
    /// Seconds of each side in a round.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,

    /// Rounds of each side; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    /// Numbers of concurrent clients.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    clients: Vec<usize>,

    /// File to which the report is also written.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    let postgres = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres");

    let mut lines = Vec::new();
    for (database, url) in [("SQLite file", sqlite), ("Postgres", postgres)] {
        let sides = Sides::open(&url).await;
        for &clients in &options.clients {
            for work in sides::WORK {
                // New ones each time: what is read has one event, however many were appended before.
                let ids = sides.create(clients).await;
                let mut rates = [Vec::new(), Vec::new(), Vec::new()];
                for _ in 0..options.rounds {
                    for (side, rates) in sides::SIDES.into_iter().zip(&mut rates) {
                        let workers = sides.workers(side, work, &ids).await;
                        let turn = Duration::from_secs_f64(options.seconds);
                        rates.push(rate(workers, turn).await);
                    }
                }
                lines.push(Line {
                    database,
                    work,
                    clients,
                    rates: rates.map(median),
                });
            }
        }
    }
    let report = report::markdown(&lines, options.rounds, options.seconds);
    print!("{report}");
    if let Some(file) = options.write {
        std::fs::write(file, report).unwrap();
    }
}
