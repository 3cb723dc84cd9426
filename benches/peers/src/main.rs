//! Benchmark of the store and other event stores: all sides in turn, on one temporary Postgres.
//!
//! ```sh
//! cd benches/peers
//! cargo build --release
//! target/release/eventsource-peers            # the whole run, about a quarter of an hour
//! target/release/eventsource-peers --quick    # a minute, to see that it works
//! ```
//!
//! It writes `docs/benchmarks/store.md` and its pictures, unless `--out` names another folder.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement stops at the first surprise"
)]
#![forbid(unsafe_code)]

mod chart;
mod cpu;
mod machine;
mod measure;
mod proxy;
mod report;
mod server;
mod sides;
mod ticket;
mod workloads;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;

use measure::Turns;
use report::Report;
use server::Server;
use workloads::{Bench, append, bulk, check, feed, hot, inline, load, many, memory, search};

/// Measures this store and its peers.
#[derive(Parser)]
struct Options {
    /// Short turns and few events, to check that everything works; the numbers mean nothing.
    #[arg(long)]
    quick: bool,
    /// Workloads to run; all by default.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Sides to run, in workloads with several; all by default.
    #[arg(long, value_delimiter = ',')]
    sides: Vec<String>,
    /// Folder for the page and the pictures.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Seconds of a turn.
    #[arg(long, default_value_t = 0.6)]
    turn: f64,
    /// Turns of each side.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Task to run in this process; used by the program itself.
    #[arg(long, hide = true)]
    child: Option<String>,
}

const WORKLOADS: [&str; 12] = [
    "append", "inline", "many", "far", "calls", "hot", "load", "search", "import", "feed", "check", "memory",
];

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if let Some(child) = &options.child {
        return memory::run_child(child).await;
    }
    for only in &options.only {
        assert!(
            WORKLOADS.contains(&only.as_str()),
            "the workloads are {WORKLOADS:?}"
        );
    }
    let wanted =
        |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let (seconds, rounds) = if options.quick {
        (0.2, 1)
    } else {
        (options.turn, options.rounds)
    };
    let bench = Bench {
        server: Server::start().await,
        turns: Turns {
            turn: Duration::from_secs_f64(seconds),
            rounds,
        },
        quick: options.quick,
    };
    let pool = server::pool(&bench.server.url(), 1).await;
    let about = machine::describe(&pool, &std::env::temp_dir()).await;
    println!("{about}");

    let mut report = Report::default();
    let start = Instant::now();
    let needs_sides = ["append", "calls", "hot", "load"].into_iter().any(&wanted);
    if needs_sides {
        let mut sides = sides::all(&bench.server, "near", None, sides::CONNECTIONS).await;
        if !options.sides.is_empty() {
            sides.retain(|side| options.sides.iter().any(|only| only == side.name()));
        }
        if wanted("append") {
            append::one(&bench, &sides, &mut report).await;
        }
        if wanted("calls") {
            append::many_a_call(&bench, &sides, &mut report).await;
        }
        if wanted("hot") {
            hot::run(&bench, &sides, &mut report).await;
        }
        if wanted("load") {
            load::run(&bench, &sides, &mut report).await;
        }
    }
    if wanted("inline") {
        inline::run(&bench, &mut report).await;
    }
    if wanted("many") {
        many::run(&bench, &mut report).await;
    }
    if wanted("far") {
        append::far(&bench, &mut report).await;
    }
    if wanted("search") {
        search::run(&bench, &mut report).await;
    }
    if wanted("import") {
        bulk::run(&bench, &mut report).await;
    }
    if wanted("feed") {
        feed::run(&bench, &mut report).await;
    }
    if wanted("check") {
        check::run(&mut report);
    }
    if wanted("memory") {
        memory::run(&bench, &mut report).await;
    }
    println!("{} s in all", start.elapsed().as_secs());

    if let Some(out) = folder(&options) {
        std::fs::create_dir_all(&out).unwrap();
        std::fs::write(out.join("store.md"), report.markdown(&about)).unwrap();
        for table in &report.tables {
            if let Some(picture) = table.picture {
                let path = out.join(picture).with_extension("svg");
                std::fs::write(path, chart::svg(table)).unwrap();
            }
        }
        println!("written to {}", out.display());
    }
}

/// Returns the folder for the results; by default a partial or quick run replaces no page of the
/// documentation.
fn folder(options: &Options) -> Option<PathBuf> {
    let whole = !options.quick && options.only.is_empty() && options.sides.is_empty();
    let docs = || {
        PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/benchmarks"
        ))
    };
    options.out.clone().or_else(|| whole.then(docs))
}
