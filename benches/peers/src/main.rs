//! Benchmark of the store and other event stores: all sides in turn, on one temporary Postgres.
//!
//! ```sh
//! cd benches/peers
//! cargo build --release
//! target/release/eventsource-peers                   # the whole run, about half an hour
//! target/release/eventsource-peers --page runtime    # what is about the runtime
//! target/release/eventsource-peers --quick           # a minute or two, to see that it works
//! ```
//!
//! It writes `docs/benchmarks/store.md` and `runtime.md` with their pictures, unless `--out` names another folder.

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

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};

use measure::Turns;
use report::{Page, Report};
use server::Server;
use workloads::{
    Bench, append, bulk, check, deliver, execute, feed, hot, inline, load, many, memory, nats,
    projection, rebuild, saga, search, webhook,
};

/// Measures this store and its peers.
#[derive(Parser)]
struct Options {
    /// Short turns and few events, to check that everything works; the numbers mean nothing.
    #[arg(long)]
    quick: bool,
    /// Page to write; all by default.
    #[arg(long)]
    page: Option<About>,
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

/// Page, and the workloads that it is about.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum About {
    Store,
    Runtime,
}

const OF_STORE: [&str; 11] = [
    "append", "many", "far", "calls", "hot", "load", "search", "import", "feed", "check", "memory",
];

const OF_RUNTIME: [&str; 8] = [
    "execute",
    "inline",
    "projection",
    "rebuild",
    "deliver",
    "webhook",
    "nats",
    "saga",
];

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if let Some(child) = &options.child {
        return memory::run_child(child).await;
    }
    let known = [OF_STORE.as_slice(), OF_RUNTIME.as_slice()].concat();
    for only in &options.only {
        assert!(
            known.contains(&only.as_str()),
            "the workloads are {known:?}"
        );
    }
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

    let start = Instant::now();
    for (page, of, names) in [
        (&report::STORE, About::Store, OF_STORE.as_slice()),
        (&report::RUNTIME, About::Runtime, &OF_RUNTIME),
    ] {
        let is_asked = options.page.is_none_or(|only| only == of);
        let is_wanted = |name: &&&str| {
            options.only.is_empty() || options.only.iter().any(|only| only == **name)
        };
        let wanted: Vec<&str> = names.iter().filter(is_wanted).copied().collect();
        if !is_asked || wanted.is_empty() {
            continue;
        }
        let mut report = Report::default();
        match of {
            About::Store => measure_store(&options, &bench, &wanted, &mut report).await,
            About::Runtime => measure_runtime(&bench, &wanted, &mut report).await,
        }
        println!("{} s so far", start.elapsed().as_secs());
        if let Some(out) = folder(&options) {
            write(page, &report, &about, &out);
        }
    }
}

/// Measures the workloads of the store.
async fn measure_store(options: &Options, bench: &Bench, wanted: &[&str], report: &mut Report) {
    let wanted = |name| wanted.contains(&name);
    let needs_sides = ["append", "calls", "hot", "load"].into_iter().any(&wanted);
    if needs_sides {
        let mut sides = sides::all(&bench.server, "near", None, sides::CONNECTIONS).await;
        if !options.sides.is_empty() {
            sides.retain(|side| options.sides.iter().any(|only| only == side.name()));
        }
        if wanted("append") {
            append::one(bench, &sides, report).await;
        }
        if wanted("calls") {
            append::many_a_call(bench, &sides, report).await;
        }
        if wanted("hot") {
            hot::run(bench, &sides, report).await;
        }
        if wanted("load") {
            load::run(bench, &sides, report).await;
        }
    }
    if wanted("many") {
        many::run(bench, report).await;
    }
    if wanted("far") {
        append::far(bench, report).await;
    }
    if wanted("search") {
        search::run(bench, report).await;
    }
    if wanted("import") {
        bulk::run(bench, report).await;
    }
    if wanted("feed") {
        feed::run(bench, report).await;
    }
    if wanted("check") {
        check::run(report);
    }
    if wanted("memory") {
        memory::run(bench, report).await;
    }
}

/// Measures the workloads of the runtime.
async fn measure_runtime(bench: &Bench, wanted: &[&str], report: &mut Report) {
    for workload in wanted {
        match *workload {
            "execute" => execute::run(bench, report).await,
            "inline" => inline::run(bench, report).await,
            "projection" => projection::run(bench, report).await,
            "rebuild" => rebuild::run(bench, report).await,
            "deliver" => deliver::run(bench, report).await,
            "webhook" => webhook::run(bench, report).await,
            "nats" => nats::run(bench, report).await,
            "saga" => saga::run(bench, report).await,
            other => unreachable!("{other} is no workload of the runtime"),
        }
    }
}

/// Writes a page and its pictures.
fn write(page: &Page, report: &Report, about: &str, out: &Path) {
    std::fs::create_dir_all(out).unwrap();
    std::fs::write(out.join(page.file), report.markdown(page, about)).unwrap();
    for table in &report.tables {
        if let Some(picture) = table.picture {
            let path = out.join(picture).with_extension("svg");
            std::fs::write(path, chart::svg(table)).unwrap();
        }
    }
    println!("{} is written to {}", page.file, out.display());
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
