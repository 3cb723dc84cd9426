//! Imports at the same time as appends and other imports.

use eventsource_core::{EntityId, Error, ExportedEvent, Retry, Seq};
use futures_util::StreamExt;
use futures_util::stream::once;
use tasks::TaskEvent;
use tokio::sync::oneshot;

use crate::support::database::Database;
use crate::support::events::{all_ok, started_events};
use crate::support::machines::{created, deadline, reassigned};
use crate::support::waiting::until_somebody_waits;

on_every_database! {
    import_waits_for_other_import_of_same_entity,
    concurrent_imports_of_same_events_store_one,
}

on_every_database! {
    and postgres_outbox:
    append_during_import_comes_after_it,
}

/// Number of events that an import writes at a time. When the first one after two such batches is asked
/// for, one has been written.
const BATCH: usize = 8192;

/// Makes a started task that is reassigned until it has this many events.
fn long(id: EntityId, events: usize) -> Vec<ExportedEvent> {
    let mut all = started_events(id);
    let time = all[3].recorded_at;
    let again = ExportedEvent::of(id, &reassigned("ann"), time).unwrap();
    all.resize(events, again);
    all
}

async fn append_during_import_comes_after_it(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (old, new) = (EntityId::new(), EntityId::new());
    let first = ExportedEvent::of(old, &created(), deadline()).unwrap();
    tasks.import(all_ok(vec![first])).await.unwrap();

    let mut events = started_events(new);
    // The old one has its first event already.
    events.extend(long(old, 2 * BATCH).into_iter().skip(1));
    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, at_the_end) = oneshot::channel::<()>();
    let last = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        Ok(ExportedEvent::of(
            new,
            &reassigned("eve"),
            deadline() + chrono::TimeDelta::days(1),
        )
        .unwrap())
    });
    let source = all_ok(events).chain(last);
    let importing = tokio::spawn({
        let tasks = tasks.clone();
        async move { tasks.import(source).await }
    });
    at_the_end.await.unwrap();
    // Both tasks belong to the import by now.
    let append = |id, event| {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.append(id, event).await })
    };
    let (after, twice) = (append(old, reassigned("bob")), append(new, created()));
    go_on.send(()).unwrap();
    importing.await.unwrap().unwrap();
    let after = after.await.unwrap().unwrap();
    assert_eq!(after.first().seq.get() as usize, 2 * BATCH + 1);
    assert!(matches!(twice.await.unwrap(), Err(Error::Rejected { .. })));
    let history = tasks.history(new).await.unwrap();
    assert_eq!(history.len(), 5);
}

/// Starts an import of an entity that another import has locked: it reads the head after the commit of
/// the other.
async fn import_waits_for_other_import_of_same_entity(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let first = ExportedEvent::of(id, &created(), deadline()).unwrap();
    tasks.import(all_ok(vec![first])).await.unwrap();

    let (go_on, wait) = oneshot::channel::<()>();
    let (reached, at_the_end) = oneshot::channel::<()>();
    let time = deadline() + chrono::TimeDelta::days(1);
    let again = move |days| {
        let time = time + chrono::TimeDelta::days(days);
        Ok(ExportedEvent::of(id, &reassigned("eve"), time).unwrap())
    };
    let last = once(async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
        again(0)
    });
    let events = long(id, 2 * BATCH + 1).into_iter().skip(1).collect();
    let source = all_ok(events).chain(last);
    let import = |source| {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.import(source).await })
    };
    let one = import(source.boxed());
    at_the_end.await.unwrap();
    let other = import(once(async move { again(1) }).boxed());
    until_somebody_waits(database).await;
    go_on.send(()).unwrap();
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    let seq = tasks.head(id).await.unwrap().unwrap().seq;
    assert_eq!(seq.get() as usize, 2 * BATCH + 3);
}

/// Imports the same events twice at once.
async fn concurrent_imports_of_same_events_store_one(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let import = || {
        let tasks = tasks.clone();
        tokio::spawn(async move { tasks.import(all_ok(long(id, 100))).await })
    };
    let (one, other) = (import(), import());
    let answers = [one.await.unwrap(), other.await.unwrap()];
    let refused: Vec<Error> = answers.into_iter().filter_map(Result::err).collect();
    let [error] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    // The other was not there yet when it looked, or was: it may come again, or need not.
    let is_refused = matches!(error, Error::ImportRejected(_)) || error.retry() == Retry::Later;
    assert!(is_refused, "{error:?}");
    assert_eq!(tasks.head(id).await.unwrap().unwrap().seq, Seq::new(100));
}
