//! Loads of a stream, each followed by a fold.

use std::cell::RefCell;
use std::sync::Arc;

use uuid::Uuid;

use super::{Bench, Sides, by_turns, rows};
use crate::cpu::ServerId;
use crate::measure::{Measured, load_rate};
use crate::report::{BLIND, Report, Table};
use crate::sides::Side;

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
        let known = |values: Vec<Vec<f64>>| values.into_iter().map(Measured::known).collect();
        spent.push(known(client));
        spent.push(known(server));
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
    let least = |length: u32| if length > 1000 { 1.1 } else { 1.0 };
    let best = lengths.iter().map(|length| {
        let (best, to_best) = table.to_best_peer(&[], &column(length));
        (best, to_best, least(*length))
    });
    let best: Vec<_> = best.collect();
    let best: Vec<_> = best
        .iter()
        .map(|(best, to_best, least)| (best.as_str(), *to_best, *least))
        .collect();
    report.at_least(
        "load 10, 1,000 and 10,000 events and fold",
        "not behind the best peer; 1.1 of it at 10,000",
        &best,
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
