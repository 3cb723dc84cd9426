//! Report of the results, as a page of the documentation.

use std::fmt::Write;

use crate::sides::Work;

pub struct Line {
    pub database: &'static str,
    pub work: Work,
    pub clients: usize,
    /// Operations a second through the generated API, in process, and by hand.
    pub rates: [f64; 3],
}

const HEAD: &str = "\
# What the HTTP API costs

Requests a second through the generated API, beside the same calls in process on the same store, and
beside an axum handler written by hand that inserts or reads one row of a table without rules.
Written by a program; do not edit.

An append is one event (`REVISED`) of an entity that each client has for itself; a read is where an
entity of one event stands; over HTTP that comes with its data, for which all of its events are read.
Clients keep their connections. They run in the same process as the services and on
the same processors, which costs the sides with HTTP about as much as the services themselves.
The sides take turns; a number is the median of the rounds.
";

pub fn markdown(lines: &[Line], rounds: usize, seconds: f64) -> String {
    let mut out = format!("{HEAD}\n");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let _ = writeln!(
        out,
        "* {}, {cores} cores, {rounds} rounds of {seconds} s",
        processor()
    );
    out.push_str(
        "\n```sh\ncargo build --release -p eventsource-http-bench\ncargo run -q -p eventsource-tests --bin \
         with-postgres -- target/release/eventsource-http-bench --write docs/benchmarks/http.md\n```\n\n",
    );
    out.push_str("| database | work | clients | HTTP/s | in process/s | by hand/s | HTTP to in process | HTTP to by hand |\n");
    out.push_str("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for line in lines {
        let work = match line.work {
            Work::Append => "append",
            Work::Read => "read",
        };
        let [http, in_process, by_hand] = line.rates;
        let _ = writeln!(
            out,
            "| {} | {work} | {} | {http:.0} | {in_process:.0} | {by_hand:.0} | {:.2} | {:.2} |",
            line.database,
            line.clients,
            http / in_process,
            http / by_hand,
        );
    }
    out
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut names = text.lines().filter(|line| line.starts_with("model name"));
    let name = names.next().and_then(|line| line.split_once(": "));
    name.map_or("a processor without a name", |(_, name)| name)
        .to_owned()
}
