//! A process of two steps, from the order that begins it to its end.
//!
//! * `ours`: a process manager of this project.
//! * `mire`: a saga of mire-sagas.

mod mire;
mod ours;

use super::{Bench, by_number};
use crate::report::{Report, Table};

const OURS: &str = "eventsource, `process`";
const MIRE: &str = "mire-sagas";

/// Clients that place orders at once.
const CLIENTS: usize = 16;

/// Orders that are placed one after the other.
const ALONE: usize = 20;

pub async fn run(bench: &Bench, report: &mut Report) {
    let orders: usize = if bench.quick { 50 } else { 500 };
    let mut ours = ours::Running::new(bench).await;
    let mire = mire::Sagas::new(bench).await;
    let sides = [OURS, MIRE];
    let rounds = bench.turns.rounds;
    let rates = by_number(sides.len(), rounds, async |side| {
        let took = match side {
            0 => ours.many(orders, CLIENTS).await,
            _ => mire.many(orders, CLIENTS).await,
        };
        orders as f64 / took.as_secs_f64()
    });
    let rates = rates.await;
    let alone = by_number(sides.len(), rounds, async |side| {
        let took = match side {
            0 => ours.many(ALONE, 1).await,
            _ => mire.many(ALONE, 1).await,
        };
        took.as_secs_f64() * 1e3 / ALONE as f64
    });
    let alone = alone.await;
    ours.stop().await;
    let (many, one) = ("processes a second, 16 at once", "milliseconds, one alone");
    let table = Table {
        title: "Process of two steps",
        about: format!(
            "From an order until its process has ended: it captures a payment, then sends a shipment, each an \
             event of a stream of its own. Ours reacts to the feed, by a running worker, and each step is a \
             command to another machine; {CLIENTS} clients place {orders} orders and do not wait. \
             With mire-sagas the client that has placed an order triggers its saga and runs it to the end; \
             the steps have handlers in the process, which append the event."
        ),
        columns: vec![many.to_owned(), one.to_owned()],
        rows: sides
            .iter()
            .zip(rates.into_iter().zip(alone))
            .map(|(name, (rate, alone))| ((*name).to_owned(), vec![rate, alone]))
            .collect(),
        picture: None,
    };
    report.at_least(
        "process of two steps, end to end",
        "not behind mire-sagas",
        &[(MIRE, table.ratio(OURS, MIRE, many), 1.0)],
    );
    report.table(table);
}
