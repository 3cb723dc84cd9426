//! Loads of a stream, each followed by a fold.

use std::cell::RefCell;
use std::sync::Arc;

use uuid::Uuid;

use super::{Bench, Sides, by_turns, rows};
use crate::cpu::ServerId;
use crate::measure::{load_rate, median};
use crate::report::{Report, Table};
use crate::sides::Side;

const OURS: &str = "eventsource";
const BLIND: &str = "blind insert";
const CQRS: &str = "cqrs-es";

pub async fn run(bench: &Bench, sides: &Sides, report: &mut Report) {
    let lengths: &[u32] = if bench.quick {
        &[10, 1000]
    } else {
        &[10, 1000, 10_000]
    };
    let server = ServerId::of(&bench.server.url()).await;
    let mut columns = Vec::new();
    let mut spent = Vec::new();
    for length in lengths {
        let stream = Uuid::now_v7();
        for side in sides {
            for seen in (0..*length).step_by(100) {
                let count = (length - seen).min(100);
                side.append(stream, seen, count).await.unwrap();
            }
        }
        let (sum, turn) = (u64::from(length - 1) * 5, bench.turns.turn);
        let cpu = RefCell::new(vec![(Vec::new(), Vec::new()); sides.len()]);
        let measure = async |side: &Arc<dyn Side>| {
            let (rate, used) = load_rate(side, stream, sum, turn, server).await?;
            let at = sides.iter().position(|other| Arc::ptr_eq(side, other))?;
            let (client, server) = &mut cpu.borrow_mut()[at];
            client.push(used.client * 1e6);
            server.push(used.server * 1e6);
            Some(rate)
        };
        columns.push(by_turns(sides, bench.turns.rounds, measure).await);
        let (client, server): (Vec<_>, Vec<_>) = cpu.into_inner().into_iter().unzip();
        let known = |values: Vec<Vec<f64>>| {
            let medians = values.into_iter().map(median);
            medians.map(|value| Some(value).filter(|value| value.is_finite()))
        };
        spent.push(known(client).collect::<Vec<_>>());
        spent.push(known(server).collect::<Vec<_>>());
    }
    let column = |length: &u32| format!("{length} events");
    let mut table = Table {
        title: "Load a stream and fold it",
        about:
            "Streams a second, one after the other. The bare query reads a row of the same columns, \
                and makes of each what a fold is given: ids, times, the payload as a struct, the \
                metadata. The peers' crates give what they have; of the SQL of others only the \
                payload is decoded."
                .to_owned(),
        columns: lengths.iter().map(column).collect(),
        rows: rows(sides, columns),
        picture: Some("load"),
    };
    let at = column(&1000);
    report.at_least(
        "load 1,000 events and fold",
        "0.8 of a bare sqlx query with the same decoding; 1.5x cqrs-es",
        &[
            ("a bare query", table.ratio(OURS, BLIND, &at), 0.8),
            (CQRS, table.ratio(OURS, CQRS, &at), 1.5),
        ],
    );
    tidy(&mut table);
    report.table(table);
    let halves = lengths
        .iter()
        .flat_map(|length| ["client", "server"].map(|side| format!("{}, {side}", column(length))));
    let mut table = Table {
        title: "What loading costs",
        about:
            "Microseconds of CPU time for each stream that is loaded, in the program and in the \
                server's processes."
                .to_owned(),
        columns: halves.collect(),
        rows: rows(sides, spent),
        picture: None,
    };
    tidy(&mut table);
    report.table(table);
}

/// Removes the sides that do not load, and names the others by their way of loading.
fn tidy(table: &mut Table) {
    table.rows.retain(|row| row.1.iter().any(Option::is_some));
    for row in &mut table.rows {
        if row.0 == BLIND {
            row.0 = "bare query".to_owned();
        }
    }
}
