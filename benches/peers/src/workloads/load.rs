//! Loading a stream and folding it.

use uuid::Uuid;

use super::{Bench, Sides, by_turns, rows};
use crate::measure::load_rate;
use crate::report::{Report, Table};

const OURS: &str = "eventsource";
const BLIND: &str = "blind insert";
const CQRS: &str = "cqrs-es";

pub async fn run(bench: &Bench, sides: &Sides, report: &mut Report) {
    let lengths: &[u32] = if bench.quick {
        &[10, 1000]
    } else {
        &[10, 1000, 10_000]
    };
    let mut columns = Vec::new();
    for length in lengths {
        let stream = Uuid::now_v7();
        for side in sides {
            for seen in (0..*length).step_by(100) {
                let count = (length - seen).min(100);
                side.append(stream, seen, count).await.unwrap();
            }
        }
        let (sum, turn) = (u64::from(length - 1) * 5, bench.turns.turn);
        let measure = async |side: &_| load_rate(side, stream, sum, turn).await;
        columns.push(by_turns(sides, bench.turns.rounds, measure).await);
    }
    let column = |length: &u32| format!("{length} events");
    let mut table = Table {
        title: "Load a stream and fold it",
        about:
            "Streams a second, one after the other. The bare query reads the same columns of a row \
                and decodes the payload into the type that is folded."
                .to_owned(),
        columns: lengths.iter().map(column).collect(),
        rows: rows(sides, columns),
        picture: Some("load"),
    };
    table.rows.retain(|row| row.1.iter().any(Option::is_some));
    let at = column(&1000);
    report.at_least(
        "load 1,000 events and fold",
        "0.8 of a bare sqlx query with the same decoding; 1.5x cqrs-es",
        &[
            ("a bare query", table.ratio(OURS, BLIND, &at), 0.8),
            (CQRS, table.ratio(OURS, CQRS, &at), 1.5),
        ],
    );
    for row in &mut table.rows {
        if row.0 == BLIND {
            row.0 = "bare query".to_owned();
        }
    }
    report.table(table);
}
