//! Random histories: whatever customers, the warehouse, time and failing workers do, every process ends, and
//! money is never kept without goods.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eventsource_runtime::testing::{Faults, Point};
use fulfilment::payment::LIMIT_CENTS;
use fulfilment::shipment::LIMIT_GRAMS;
use proptest::collection::vec;
use proptest::prelude::*;

use super::books::{Books, PATIENCE};
use crate::support::database::Database;
use crate::support::property::check_cases;

/// Number of histories in the short form; `EVENTSOURCE_HISTORIES` sets another.
const HISTORIES: u32 = 4;

#[derive(Clone, Debug)]
enum Step {
    Place {
        grams: i64,
        cents: i64,
    },
    /// The warehouse sends the parcel of one of the orders, if it knows it.
    Dispatch(prop::sample::Index),
    Wait(u64),
    /// The process runs, and fails once at this point, as often reached before.
    Run(usize, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let grams = prop_oneof![3 => 1..=LIMIT_GRAMS, 1 => Just(LIMIT_GRAMS + 1)];
    let cents = prop_oneof![3 => 1..=LIMIT_CENTS, 1 => Just(LIMIT_CENTS + 1)];
    prop_oneof![
        3 => (grams, cents).prop_map(|(grams, cents)| Step::Place { grams, cents }),
        2 => any::<prop::sample::Index>().prop_map(Step::Dispatch),
        1 => (1..80_u64).prop_map(Step::Wait),
        3 => (0..Point::ALL.len(), 0..6_u64).prop_map(|(point, after)| Step::Run(point, after)),
    ]
}

async fn process_ends_and_money_is_kept_only_for_goods(database: &Database) {
    let histories = std::env::var("EVENTSOURCE_HISTORIES");
    let histories = histories.map_or(HISTORIES, |n| n.parse().unwrap());
    let books = Books::open(database).await;
    check_cases(histories, &vec(step(), 4..24), async |steps| {
        let mut orders = Vec::new();
        for step in steps {
            match step {
                Step::Place { grams, cents } => orders.push(books.place_for(grams, cents).await),
                Step::Dispatch(order) if !orders.is_empty() => {
                    books.dispatch(*order.get(&orders)).await;
                }
                Step::Dispatch(_) => {}
                Step::Wait(hours) => books.clock.advance(Duration::from_hours(hours)),
                Step::Run(point, after) => {
                    let faults = fail_once(Point::ALL[point], after);
                    // A commit that fails ends the run, like a worker that loses its database.
                    let run = books.failing_runtime(faults).await.settle().await;
                    let commits = [Point::BeforeCommit, Point::AfterCommit];
                    assert!(
                        run.is_ok() || commits.contains(&Point::ALL[point]),
                        "{run:?}"
                    );
                }
            }
        }
        books.runtime().await.settle().await.unwrap();
        books.clock.advance(PATIENCE);
        books.runtime().await.settle().await.unwrap();
        for order in orders {
            books.assert_settled(order).await;
        }
    });
}

/// Fails once at a point, after it was reached so many times.
fn fail_once(point: Point, after: u64) -> Faults {
    let reached = Arc::new(AtomicU64::new(0));
    Faults::new(move |at, _| {
        let fails = at == point && reached.fetch_add(1, Ordering::SeqCst) == after;
        async move {
            match fails {
                true => Err("the answer is lost".into()),
                false => Ok(()),
            }
        }
    })
}

on! { sqlite_file, postgres:
    process_ends_and_money_is_kept_only_for_goods,
}
