//! Read models that catch up with the log, from its first event.
//!
//! * `bare`: a loop of the same upserts, the bound.
//! * `ours`: a projection and a view of this project.
//! * `mire`: a projection of mire.

mod bare;
mod mire;
mod ours;

use super::{Bench, by_number};
use crate::report::{Report, Table};

/// Events of one ticket.
const EVENTS: u32 = 10;

/// Most events in a transaction of the bare loop and of mire; ours has as many.
const BATCH: usize = 500;

const SQL: &str = "eventsource, `Projection`";
const VIEW: &str = "eventsource, `View`";
const BARE: &str = "bare loop of the same upserts";
const MIRE: &str = "mire, transactional handler";

/// Measures events a second until a model has all of them.
pub async fn run(bench: &Bench, report: &mut Report) {
    let tickets: u32 = if bench.quick { 500 } else { 10_000 };
    let total = f64::from(tickets * EVENTS);
    let bare = bare::Loop::new(bench, tickets).await;
    let ours = ours::Seeded::new(bench, tickets).await;
    let mire = mire::Seeded::new(bench, tickets).await;
    let mut round = 0;
    let sides = [SQL, VIEW, BARE, MIRE];
    let rates = by_number(sides.len(), bench.turns.rounds, async |side| {
        let took = match side {
            0 => ours.projection().await,
            1 => ours.view().await,
            2 => bare.run().await,
            _ => {
                round += 1;
                mire.catch_up(round).await
            }
        };
        total / took.as_secs_f64()
    });
    let column = "events a second";
    let table = Table {
        title: "Read model that catches up",
        about: format!(
            "Events a second, from the first of {total} events to the last, {EVENTS} of a ticket. The model \
             has a row for each ticket. The bare loop reads nothing: it upserts what it has in memory, one \
             event a statement and {BATCH} a transaction, with a checkpoint. Our projection and mire's do \
             the same from their feeds; the view writes a row once for all of its events in a batch."
        ),
        columns: vec![column.to_owned()],
        rows: sides
            .iter()
            .zip(rates.await)
            .map(|(name, rate)| ((*name).to_owned(), vec![rate]))
            .collect(),
        picture: None,
    };
    let to = |side, other| table.ratio(side, other, column);
    report.at_least(
        "projection in SQL, 500 a transaction",
        "0.9 of a bare loop of the same upserts",
        &[(BARE, to(SQL, BARE), 0.9), (MIRE, to(SQL, MIRE), 1.0)],
    );
    report.at_least(
        "`View`, catching up",
        "4x the same bare loop",
        &[(BARE, to(VIEW, BARE), 4.0)],
    );
    report.table(table);
}
