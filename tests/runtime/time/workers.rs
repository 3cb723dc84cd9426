//! Timers that several write at once, or that workers die over.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use eventsource_core::{EntityId, Error};
use eventsource_runtime::{Runtime, timers};
use futures_util::future::join_all;

use super::machines::{DAY, HOUR, LoanEvent, OfferEvent, clocked, history};
use crate::support::database::Database;
use crate::support::waiting::until;

on! { sqlite_file, postgres:
    workers_write_each_event_once_and_none_early,
}

on! { sqlite_file, postgres, postgres_outbox:
    entity_that_moves_on_at_due_moment_has_one_winner,
    killed_workers_write_each_event_once_and_none_early,
}

async fn entity_that_moves_on_at_due_moment_has_one_winner(database: &Database) {
    let (store, clock) = clocked(database).await;
    let offers = store.migrate::<OfferEvent>().await.unwrap();
    let runtime = || async {
        Runtime::new(&store)
            .add(timers(&offers))
            .build()
            .await
            .unwrap()
    };
    let (one, other) = (runtime().await, runtime().await);
    let ids: Vec<EntityId> = (0..60).map(|_| EntityId::new()).collect();
    for id in &ids {
        offers.append(*id, OfferEvent::Made).await.unwrap();
    }
    one.settle().await.unwrap();
    clock.advance(3 * DAY + HOUR);

    let client = async {
        let accepting = ids
            .iter()
            .map(|id| offers.append(*id, OfferEvent::Accepted).into_future());
        join_all(accepting).await
    };
    let (timed, again, accepted) = tokio::join!(one.settle(), other.settle(), client);
    timed.unwrap();
    again.unwrap();

    for (id, accepted) in ids.iter().zip(accepted) {
        match accepted {
            Ok(_) => assert_eq!(history(&offers, *id).await, ["MADE", "ACCEPTED"]),
            Err(Error::Rejected { .. }) => {
                assert_eq!(history(&offers, *id).await, ["MADE", "EXPIRED"]);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Says how many timers, within which time.
///
/// In `./test` a few hundred within two seconds; with `EVENTSOURCE_LONG` ten thousand within a minute.
fn size() -> (usize, Duration) {
    match std::env::var_os("EVENTSOURCE_LONG") {
        Some(_) => (10_000, Duration::from_mins(1)),
        None => (300, Duration::from_secs(2)),
    }
}

async fn killed_workers_write_each_event_once_and_none_early(database: &Database) {
    let (_, within) = size();
    let kills = if within > Duration::from_secs(10) {
        6
    } else {
        2
    };
    write_with_kills(database, kills).await;
}

async fn workers_write_each_event_once_and_none_early(database: &Database) {
    write_with_kills(database, 0).await;
}

/// Lets timers end while workers are killed; checks that each event is written once and none early, and
/// prints how late they are.
async fn write_with_kills(database: &Database, kills: u32) {
    let (count, within) = size();
    let store = database.store();
    let loans = database.events::<LoanEvent>().await;
    let mut ids = Vec::with_capacity(count);
    let due = |n: usize| TimeDelta::from_std(within * n as u32 / count as u32).unwrap();
    let lead = TimeDelta::seconds(if count > 1000 { 40 } else { 3 });
    let start = Utc::now() + lead;
    for part in (0..count).collect::<Vec<_>>().chunks(50) {
        let new: Vec<EntityId> = part.iter().map(|_| EntityId::new()).collect();
        let lent = part.iter().zip(&new).map(|(n, id)| {
            let until = start + due(*n);
            loans.append(*id, LoanEvent::Lent { until }).into_future()
        });
        for stored in join_all(lent).await {
            stored.unwrap();
        }
        ids.extend(new);
    }
    let runtime = async || {
        let runtime = Runtime::new(store).add(timers(&loans));
        runtime.build().await.unwrap()
    };
    let worker = async || spawn(runtime().await);
    let mut workers = vec![worker().await, worker().await, worker().await];
    let reminded = || async {
        let found = loans
            .search()
            .event_type(super::machines::LoanEventType::Reminded);
        found.limit(1).await.unwrap().total.unwrap_or_default()
    };
    for kill in 1..=kills {
        let some = count as u64 * u64::from(kill) / u64::from(kills + 1);
        until(async || reminded().await >= some).await;
        // As a process that is killed: it gives nothing back.
        workers.remove(0).abort();
        workers.push(worker().await);
    }
    until(async || reminded().await >= count as u64).await;
    for worker in workers {
        worker.abort();
    }
    let mut late = Vec::with_capacity(count);
    for id in &ids {
        let events = loans.history(*id).await.unwrap();
        assert_eq!(events.len(), 2, "each once");
        let LoanEvent::Lent { until } = events[0].event else {
            panic!("{:?}", events[0].event);
        };
        let waited = events[1].recorded_at - until;
        assert!(waited >= TimeDelta::zero(), "early by {waited}");
        late.push(waited);
    }
    late.sort_unstable();
    let (half, most) = (late[count / 2], late[count * 99 / 100]);
    println!(
        "{count} timers: p50 late {half}, p99 late {most}, at most {}",
        late[count - 1]
    );
}

/// Runs a worker until it is aborted.
fn spawn(runtime: Runtime) -> tokio::task::JoinHandle<()> {
    tokio::spawn(runtime.run_until(std::future::pending()))
}
