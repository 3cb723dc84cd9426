//! Commands: decided on a loaded entity, beside an append that names what it expects.

use std::sync::Arc;

use super::{Bench, Sides, by_turns, rows};
use crate::measure::{append_rate, hot_rate, long_append_rate};
use crate::report::{Report, Table};
use crate::sides::{CONNECTIONS, Commanded, CqrsEs, Expecting, Mire, MireCommanded, Ours};

const EXECUTE: &str = "eventsource, `execute`";
const EXPECTING: &str = "eventsource, expecting";
const CQRS: &str = "cqrs-es";
const MIRE: &str = "mire, command";

pub async fn run(bench: &Bench, report: &mut Report) {
    let ours = async |name| {
        let url = bench.server.database(name).await;
        Ours::connect(&url, CONNECTIONS).await
    };
    let url = async |name| bench.server.database(name).await;
    let execute = Arc::new(Commanded(ours("execute").await));
    let cqrs = CqrsEs::connect(&url("execute_cqrs_es").await, CONNECTIONS).await;
    let mire = Mire::connect(&url("execute_mire").await, CONNECTIONS).await;
    let expecting = Arc::new(Expecting(ours("execute_expecting").await));
    let warm: Sides = vec![execute.clone(), expecting.clone()];
    let all: Sides = vec![
        execute,
        expecting,
        Arc::new(cqrs),
        Arc::new(MireCommanded(mire)),
    ];
    warm_cache(bench, &warm, report).await;
    one_a_call(bench, &all, report).await;
    hot(bench, &all, report).await;
}

/// Measures commands to entities that the process knows already.
async fn warm_cache(bench: &Bench, sides: &Sides, report: &mut Report) {
    let clients = [1, 16];
    let (turn, rounds) = (bench.turns.turn, bench.turns.rounds);
    let mut columns = Vec::new();
    for clients in clients {
        let measure = async |side: &_| Some(long_append_rate(side, clients, turn).await);
        columns.push(by_turns(sides, rounds, measure).await);
    }
    let table = Table {
        title: "Execute with a warm cache",
        about: "Commands a second, each client on one stream of its own for the whole turn, of which \
                `execute` keeps the state. `expecting` is an append that sends the sequence that it expects."
            .to_owned(),
        columns: clients.iter().map(|n| format!("{n} clients")).collect(),
        rows: rows(sides, columns),
        picture: None,
    };
    let ratio = |column| table.ratio(EXECUTE, EXPECTING, column);
    report.at_least(
        "`execute`, warm cache",
        "0.85 of an append that expects a sequence",
        &[
            ("it, 1 client", ratio("1 clients"), 0.85),
            ("it, 16 clients", ratio("16 clients"), 0.85),
        ],
    );
    report.table(table);
}

/// Measures commands to streams of ten events, the first of which opens the stream.
async fn one_a_call(bench: &Bench, sides: &Sides, report: &mut Report) {
    let (turn, rounds) = (bench.turns.turn, bench.turns.rounds);
    let targets = [(1, 1.1), (16, 2.0), (64, 4.0)];
    let mut columns = Vec::new();
    for (clients, _) in targets {
        let measure = async |side: &_| Some(append_rate(side, clients, 1, turn).await);
        columns.push(by_turns(sides, rounds, measure).await);
    }
    let column = |clients| format!("{clients} clients");
    let table = Table {
        title: "Execute a command",
        about: "Commands a second, each client on streams of its own, ten events a stream. All but \
                `expecting` load the entity, decide and store; ours keeps the states of the last ones."
            .to_owned(),
        columns: targets.iter().map(|(clients, _)| column(*clients)).collect(),
        rows: rows(sides, columns),
        picture: None,
    };
    let to = |other, clients| table.ratio(EXECUTE, other, &column(clients));
    let parts: Vec<_> = targets
        .iter()
        .map(|(clients, least)| {
            (
                format!("{CQRS}, {clients} clients"),
                to(CQRS, *clients),
                *least,
            )
        })
        .chain(targets.iter().map(|(clients, _)| {
            (
                format!("{MIRE}, {clients} clients"),
                to(MIRE, *clients),
                1.0,
            )
        }))
        .collect();
    let parts: Vec<_> = parts
        .iter()
        .map(|(name, value, least)| (name.as_str(), *value, *least))
        .collect();
    report.at_least(
        "`execute`, 1, 16 and 64 clients",
        "1.1x, 2x and 4x cqrs-es; not behind mire",
        &parts,
    );
    report.table(table);
}

/// Measures sixteen clients that send commands to one entity.
async fn hot(bench: &Bench, sides: &Sides, report: &mut Report) {
    let (turn, rounds) = (bench.turns.turn, bench.turns.rounds);
    let measure = async |side: &_| Some(hot_rate(side, 16, turn).await.0);
    let column = "commands a second";
    let table = Table {
        title: "Execute on one hot entity, 16 clients",
        about: "Commands a second that 16 clients have stored in one new stream a turn; who loses a race \
                tries again."
            .to_owned(),
        columns: vec![column.to_owned()],
        rows: rows(sides, vec![by_turns(sides, rounds, measure).await]),
        picture: None,
    };
    report.at_least(
        "`execute` on one hot entity, 16 clients",
        "5x cqrs-es with retry",
        &[
            (CQRS, table.ratio(EXECUTE, CQRS, column), 5.0),
            (MIRE, table.ratio(EXECUTE, MIRE, column), 1.0),
        ],
    );
    report.table(table);
}
