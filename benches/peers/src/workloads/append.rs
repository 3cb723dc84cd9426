//! Appends: events a second, with one event or many a call, without and with network latency.

use std::time::Duration;

use super::{Bench, Sides, by_turns, rows};
use crate::measure::append_rate;
use crate::proxy;
use crate::report::{BLIND, OURS, Report, Table};
use crate::sides;

const CQRS: &str = "cqrs-es";
/// Peers that append to the end of a stream, wherever that is.
const EXPECT_NOTHING: [&str; 2] = ["Marten's SQL", "mire, any version"];

/// Measures one event a call, each client on streams of its own.
pub async fn one(bench: &Bench, sides: &Sides, report: &mut Report) {
    let mut columns = Vec::new();
    let clients = [1, 4, 16, 64];
    for clients in clients {
        let turn = bench.turns.turn;
        let measure = async |side: &_| Some(append_rate(side, clients, 1, turn).await);
        columns.push(by_turns(sides, bench.turns.rounds, measure).await);
    }
    let table = Table {
        title: "Append one event a call",
        about: "Events a second, each client on streams of its own, ten events a stream. `cqrs-es` is a \
                command through its framework, which loads the aggregate and decides; `store only` is \
                its repository, told what to store. A blind insert checks nothing but a unique key."
            .to_owned(),
        columns: clients.iter().map(|n| of_clients(*n)).collect(),
        rows: rows(sides, columns),
        picture: Some("append"),
    };
    let ratio = |other, column| table.ratio(OURS, other, column);
    let (best, to_best) = table.to_best_peer(&EXPECT_NOTHING, "1 client");
    report.at_least(
        "validated append, 1 event a call, 1 client",
        "0.72 of a blind single-row INSERT; ahead of every peer that checks an expected sequence",
        &[
            (BLIND, ratio(BLIND, "1 client"), 0.72),
            (&best, to_best, 1.0),
        ],
    );
    let (best, to_best) = table.to_best_peer(&[], "4 clients");
    report.at_least(
        "the same, 4 clients, disjoint entities",
        "not behind the best peer",
        &[(&best, to_best, 1.0)],
    );
    report.at_least(
        "the same, 16 clients",
        "3x cqrs-es",
        &[
            (CQRS, ratio(CQRS, "16 clients"), 3.0),
            (BLIND, ratio(BLIND, "16 clients"), 0.0),
        ],
    );
    report.at_least(
        "the same, 64 clients",
        "5.5x cqrs-es",
        &[(CQRS, ratio(CQRS, "64 clients"), 5.5)],
    );
    report.table(table);
}

/// Measures many events a call.
pub async fn many_a_call(bench: &Bench, sides: &Sides, report: &mut Report) {
    let mut columns = Vec::new();
    let kinds = [(10, 1), (100, 1), (10, 8), (100, 8)];
    for (count, clients) in kinds {
        let turn = bench.turns.turn;
        let measure =
            async |side: &_| Some(append_rate(side, clients, count, turn).await * f64::from(count));
        columns.push(by_turns(sides, bench.turns.rounds, measure).await);
    }
    let column =
        |(count, clients): &(u32, usize)| format!("{count} a call, {}", of_clients(*clients));
    let table = Table {
        title: "Append many events a call",
        about: "Events a second. The blind insert is a bare `unnest` of as many rows.".to_owned(),
        columns: kinds.iter().map(column).collect(),
        rows: rows(sides, columns),
        picture: Some("append_many"),
    };
    let best = |kind| table.to_best_peer(&[], &column(kind));
    let (of_ten, of_hundred) = (best(&(10, 1)), best(&(100, 1)));
    report.at_least(
        "append 10 and 100 events a call",
        "not behind the best peer",
        &[
            (&of_ten.0, of_ten.1, 1.0),
            (&of_hundred.0, of_hundred.1, 1.0),
        ],
    );
    let to_blind = table.ratio(OURS, BLIND, &column(&(100, 1)));
    report.at_least(
        "append 100 events a call",
        "0.7 of a bare `unnest` INSERT",
        &[(BLIND, to_blind, 0.7)],
    );
    report.table(table);
}

/// Measures one event a call, with a millisecond of latency between client and server.
pub async fn far(bench: &Bench, report: &mut Report) {
    const ROUND_TRIP: Duration = Duration::from_millis(1);
    let port = proxy::delayed(bench.server.port(), ROUND_TRIP);
    let sides = sides::all(&bench.server, "far", Some(port), sides::CONNECTIONS).await;
    let mut columns = Vec::new();
    let clients = [1, 16];
    for clients in clients {
        let turn = bench.turns.turn;
        let measure = async |side: &_| Some(append_rate(side, clients, 1, turn).await);
        columns.push(by_turns(&sides, bench.turns.rounds, measure).await);
    }
    let table = Table {
        title: "Append with a millisecond of network",
        about: "Events a second, one a call, through a proxy that adds half a millisecond each way. The \
                blind insert is one round trip and a commit: the bound."
            .to_owned(),
        columns: clients.iter().map(|n| of_clients(*n)).collect(),
        rows: rows(&sides, columns),
        picture: Some("append_far"),
    };
    report.at_least(
        "the same with 1 ms latency, 1 client",
        "0.9 of one round trip's bound; 1.8x cqrs-es",
        &[
            (BLIND, table.ratio(OURS, BLIND, "1 client"), 0.9),
            (CQRS, table.ratio(OURS, CQRS, "1 client"), 1.8),
        ],
    );
    report.table(table);
}

fn of_clients(count: usize) -> String {
    match count {
        1 => "1 client".to_owned(),
        many => format!("{many} clients"),
    }
}
