//! Sixteen writers of one stream.

use std::sync::Mutex;

use super::{Bench, Sides};
use crate::measure::{Measured, hot_rate, median};
use crate::report::{BLIND, Report, Table};

const WRITERS: usize = 16;

pub async fn run(bench: &Bench, sides: &Sides, report: &mut Report) {
    // A blind insert knows of no stream.
    let sides: Sides = sides
        .iter()
        .filter(|side| side.name() != BLIND)
        .cloned()
        .collect();
    let found = Mutex::new(vec![(Vec::new(), Vec::new()); sides.len()]);
    for _ in 0..bench.turns.rounds {
        for (at, side) in sides.iter().enumerate() {
            let (rate, lost) = hot_rate(side, WRITERS, bench.turns.turn).await;
            let mut found = found.lock().unwrap();
            found[at].0.push(rate);
            found[at].1.push(lost);
        }
    }
    let found = found.into_inner().unwrap();
    let table = Table {
        title: "One hot stream, 16 writers",
        about: "Events a second that all writers store in one new stream a turn, and how many tries each \
                of them lost to another writer; a lost try is tried again until it is stored. Nothing \
                says here which event it expects, where the side lets it; `expecting` does, and loses."
            .to_owned(),
        columns: vec!["events a second".to_owned(), "tries lost for each".to_owned()],
        rows: sides
            .iter()
            .zip(found)
            .map(|(side, (rates, lost))| {
                (side.name().to_owned(), vec![Measured::known(rates), Some(median(lost).into())])
            })
            .collect(),
        picture: Some("hot"),
    };
    let column = "events a second";
    let (best, to_best) = table.to_best_peer(&[], column);
    report.at_least(
        "hot entity, 16 writers",
        "every failed attempt resolved by retry; 8x the best peer",
        &[(&best, to_best, 8.0)],
    );
    report.table(table);
}
