//! Thousand concurrent appends, which share statements, beside statements of as many rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use uuid::Uuid;

use super::Bench;
use crate::measure::{Measured, append_rate, rate};
use crate::report::{Report, Table};
use crate::sides::{Blind, Mire, Ours, Side};

/// Number of concurrent appends.
const CALLERS: usize = 1000;
/// Number of rows in a statement, as in one of this project; as many statements run at a time.
const ROWS: i32 = 500;
const WRITERS: usize = 2;

pub async fn run(bench: &Bench, report: &mut Report) {
    let url = bench.server.database("many").await;
    let ours: Arc<dyn Side> = Arc::new(Ours::connect(&url, 20).await);
    let blind = Arc::new(Blind::connect(&url, 20).await);
    let mire = Mire::connect(&bench.server.database("many_mire").await, 20).await;
    let mire: Arc<dyn Side> = Arc::new(mire);
    let (mut appends, mut mires, mut inserts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.turns.rounds {
        appends.push(append_rate(&ours, CALLERS, 1, bench.turns.turn).await);
        mires.push(append_rate(&mire, CALLERS, 1, bench.turns.turn).await);
        let stored = Arc::new(AtomicU32::new(0));
        let calls = {
            let (blind, stored) = (Arc::clone(&blind), Arc::clone(&stored));
            rate(WRITERS, bench.turns.turn, move |_| {
                let (blind, stored) = (Arc::clone(&blind), Arc::clone(&stored));
                async move {
                    let rows: Vec<_> = (0..ROWS).map(|_| (Uuid::now_v7(), 2)).collect();
                    blind.insert_many(&rows).await;
                    stored.fetch_add(ROWS.unsigned_abs(), Ordering::Relaxed);
                }
            })
            .await
        };
        inserts.push(calls * f64::from(ROWS));
    }
    let [appends, mires, inserts] = [appends, mires, inserts].map(Measured::of);
    report.at_least(
        "the same, 1,000 concurrent appends",
        "0.3 of a blind `unnest` INSERT of the same batch size",
        &[("the blind `unnest`", appends.median / inserts.median, 0.3)],
    );
    report.table(Table {
        title: "A thousand appends at once",
        about: format!(
            "Events a second: {CALLERS} callers of one event each, on 20 connections, and {WRITERS} \
             writers of {ROWS} blind rows a statement."
        ),
        columns: vec!["events a second".to_owned()],
        rows: vec![
            ("eventsource".to_owned(), vec![Some(appends)]),
            ("mire".to_owned(), vec![Some(mires)]),
            ("blind `unnest`".to_owned(), vec![Some(inserts)]),
        ],
        picture: None,
    });
}
