//! Imports that commit in chunks, stop somewhere, and are resumed.

use std::io::ErrorKind;

use eventsource_core::{
    EntityId, Error, EventStore, ExportedEvent, ImportViolation, Imported, Seq, Store,
};
use futures_util::stream::{once, pending};
use futures_util::{Stream, StreamExt, TryStreamExt};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::{all_ok, lines_of, started_events};
use crate::support::machines::{deadline, reassigned};
use crate::support::waiting::{until, within};

on_every_database! {
    and sqlite_memory:
    import_in_chunks_equals_import_at_once,
    import_after_cancellation_can_be_resumed,
    append_between_import_chunks_is_kept,
}

on_every_database! {
    import_after_failed_chunk_can_be_resumed,
    import_chunk_never_ends_before_due_auto_transition,
    resumed_import_with_changed_event_is_refused,
    resumed_import_without_ids_is_refused,
}

on_postgres! {
    import_after_lost_connection_can_be_resumed,
}

/// Makes twelve events of three tasks, mixed, as an export has them.
async fn twelve() -> (EventStore<TaskEvent>, Vec<ExportedEvent>) {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let three = [(); 3].map(|()| started_events(EntityId::new()));
    let mixed = (0..12).map(|at| three[at % 3][at / 3].clone()).collect();
    tasks.import(all_ok(mixed)).await.unwrap();
    let events = exported(&tasks).await;
    (tasks, events)
}

async fn exported(tasks: &EventStore<TaskEvent>) -> Vec<ExportedEvent> {
    tasks.export().stream().try_collect().await.unwrap()
}

fn failed() -> impl Stream<Item = Result<ExportedEvent, Error>> + Send {
    let source = ErrorKind::Other.into();
    once(async { Err(Error::Io { source }) })
}

fn partly(refused: Result<Imported, Error>) -> (Imported, u64, Error) {
    match refused {
        Err(Error::ImportIncomplete {
            committed,
            through,
            source,
        }) => (committed, through, *source),
        other => panic!("{other:?}"),
    }
}

async fn total(tasks: &EventStore<TaskEvent>) -> u64 {
    tasks.search().limit(0).await.unwrap().total.unwrap()
}

async fn import_in_chunks_equals_import_at_once(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let mut all = String::new();
    for every in [0, 1, 2, 5, 12, 100] {
        let (here, events) = twelve().await;
        let import = tasks.import(all_ok(events)).commit_every(every);
        let imported = import.await.unwrap();
        assert_eq!((imported.events, imported.entities), (12, 3));
        all.push_str(&lines_of(&here).await);
        assert_eq!(lines_of(&tasks).await, all, "{every}");
    }
}

async fn import_after_failed_chunk_can_be_resumed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (here, events) = twelve().await;
    // The source fails after ten events: three chunks are whole.
    let cut = all_ok(events[..10].to_vec()).chain(failed());
    let (committed, through, source) = partly(tasks.import(cut).commit_every(3).await);
    assert_eq!((committed.events, committed.entities, through), (9, 3, 9));
    assert!(matches!(source, Error::Io { .. }), "{source:?}");
    assert_eq!(total(&tasks).await, 9);

    // An illegal line is reported by its number, and its chunk is rolled back. Empty lines count.
    let mut lines: Vec<String> = events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    lines.insert(4, String::new());
    let whole = lines.join("\n");
    lines[12] = "{}".to_owned();
    let import = tasks.import_lines(lines.join("\n").into_bytes().leak() as &[u8]);
    let (committed, through, source) = partly(import.commit_every(4).resume().await);
    assert_eq!((committed.events, committed.skipped, through), (0, 8, 9));
    let Error::ImportRejected(illegal) = source else {
        panic!("{source}");
    };
    assert_eq!(illegal.number, 13);
    assert_eq!(total(&tasks).await, 9);

    // Without going on, what is there is there twice.
    let again = tasks.import_lines(whole.as_bytes()).await;
    assert!(matches!(again, Err(Error::ImportRejected(_))), "{again:?}");
    let report = tasks.import_lines(whole.as_bytes()).resume().dry_run();
    let report = report.await.unwrap();
    assert_eq!((report.legal, report.illegal, report.skipped), (3, 0, 9));
    let import = tasks.import_lines(whole.as_bytes()).commit_every(2);
    let imported = import.resume().await.unwrap();
    assert_eq!((imported.events, imported.skipped), (3, 9));
    assert_eq!(lines_of(&tasks).await, lines_of(&here).await);
    // And once more: nothing.
    let imported = tasks.import_lines(whole.as_bytes()).resume().await.unwrap();
    assert_eq!((imported.events, imported.skipped), (0, 12));
    assert_eq!(lines_of(&tasks).await, lines_of(&here).await);

    // Nothing was committed of an import that failed in its first chunk.
    let (_, events) = twelve().await;
    let cut = all_ok(events[..3].to_vec()).chain(failed());
    let refused = tasks.import(cut).commit_every(4).await;
    assert!(matches!(refused, Err(Error::Io { .. })), "{refused:?}");
    assert_eq!(total(&tasks).await, 12);
}

/// Cancels the import between two chunks, as when the program ends.
async fn import_after_cancellation_can_be_resumed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (here, events) = twelve().await;
    // After eight events the source says nothing more.
    let stuck = all_ok(events[..8].to_vec()).chain(pending());
    let importing = tokio::spawn({
        let tasks = tasks.clone();
        async move { tasks.import(stuck).commit_every(3).await }
    });
    until(async || total(&tasks).await >= 6).await;
    importing.abort();
    importing.await.unwrap_err();
    assert_eq!(total(&tasks).await, 6);
    let import = tasks.import(all_ok(events)).commit_every(3).resume();
    let imported = import.await.unwrap();
    assert_eq!((imported.events, imported.skipped), (6, 6));
    assert_eq!(lines_of(&tasks).await, lines_of(&here).await);
}

/// Loses each answer of the server once.
async fn import_after_lost_connection_can_be_resumed(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (proxy, store) = database.behind_proxy().await;
    let proxied = store.open::<TaskEvent>().await.unwrap();
    let (mut unsure, mut sure) = (0, 0);
    let mut all = String::new();
    for answer in 1.. {
        let (here, events) = twelve().await;
        let before = total(&tasks).await;
        proxy.lose_answer(answer);
        let import = proxied.import(all_ok(events.clone()));
        match import.commit_every(4).await {
            Err(Error::ImportIncomplete {
                committed, through, ..
            }) => {
                // Reported events are stored; those of the next chunk may be.
                let stored = total(&tasks).await - before;
                assert_eq!(committed.events, through);
                assert!([committed.events, committed.events + 4].contains(&stored));
                sure += 1;
            }
            Err(Error::Unavailable { .. }) => unsure += 1,
            imported => {
                // A transaction that had nothing in it is begun anew.
                imported.unwrap();
                if !proxy.has_lost_it() {
                    break;
                }
            }
        }
        let import = tasks.import(all_ok(events)).commit_every(5).resume();
        let imported = import.await.unwrap();
        assert_eq!(imported.events + imported.skipped, 12);
        all.push_str(&lines_of(&here).await);
        assert_eq!(lines_of(&tasks).await, all);
    }
    assert!(sure >= 4 && unsure >= 2, "{sure} {unsure}");
}

/// Cuts chunks where an auto transition is due (M21).
async fn import_chunk_never_ends_before_due_auto_transition(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (here, events) = twelve().await;
    let id = events[0].entity_id;
    here.append(id, TaskEvent::Completed).await.unwrap();
    let all = exported(&here).await;
    // Thirteen events with one that is due: the second chunk goes on.
    let cut = all_ok(all[..13].to_vec()).chain(failed());
    let (committed, through, _) = partly(tasks.import(cut).commit_every(12).await);
    assert_eq!((committed.events, through), (12, 12));
    let cut = all_ok(all[..13].to_vec()).chain(failed());
    let again = tasks.import(cut).commit_every(1).resume().await;
    assert_eq!(partly(again).0.events, 0);
    assert_eq!(total(&tasks).await, 12);
    // At the end of what there is, it is missing.
    let cut = all_ok(all[..13].to_vec());
    let (_, _, source) = partly(tasks.import(cut).commit_every(1).resume().await);
    let Error::ImportRejected(illegal) = source else {
        panic!("{source}");
    };
    assert!(matches!(
        illegal.reason,
        ImportViolation::AutoTransitionDue { .. }
    ));
    let import = tasks.import(all_ok(all)).commit_every(1).resume();
    assert_eq!(import.await.unwrap().events, 2);
}

/// Appends between two chunks: events of the import that do not fit any more are refused.
async fn append_between_import_chunks_is_kept(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (_, events) = twelve().await;
    let id = events[11].entity_id;
    let others = tasks.clone();
    let last = events[11].clone();
    let meanwhile = once(async move {
        within(async {
            while total(&others).await < 9 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        others.append(id, TaskEvent::Revised).await.unwrap();
        Ok(last)
    });
    let source = all_ok(events[..11].to_vec()).chain(meanwhile);
    let (committed, through, source) = partly(tasks.import(source).commit_every(9).await);
    assert_eq!((committed.events, through), (9, 9));
    let Error::ImportRejected(illegal) = source else {
        panic!("{source}");
    };
    assert_eq!((illegal.number, illegal.entity_id), (12, Some(id)));
    assert_eq!(tasks.history(id).await.unwrap().len(), 4);
}

/// Resumes with an event that has the id of a stored one and differs from it.
async fn resumed_import_with_changed_event_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (_, events) = twelve().await;
    let import = tasks.import(all_ok(events.clone()));
    import.commit_every(5).await.unwrap();
    let changes: [fn(&mut ExportedEvent); 3] = [
        |event| event.recorded_at = deadline() + chrono::TimeDelta::days(1),
        |event| event.seq = Some(Seq::new(9)),
        |event| {
            let (time, event_id) = (event.recorded_at, event.event_id);
            *event = ExportedEvent::of(event.entity_id, &reassigned("eve"), time).unwrap();
            (event.event_id, event.seq) = (event_id, Some(Seq::new(3)));
        },
    ];
    for change in changes {
        let mut other = events.clone();
        change(&mut other[7]);
        let refused = tasks.import(all_ok(other)).resume().await;
        let Err(Error::ImportRejected(illegal)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(illegal.number, 8);
        assert!(
            matches!(illegal.reason, ImportViolation::DuplicateEventId),
            "{illegal}"
        );
    }
    // Of another entity it is another event.
    let mut other = started_events(EntityId::new());
    for (event, of) in other.iter_mut().zip(&events) {
        (event.event_id, event.seq) = (of.event_id, None);
    }
    for (event, seq) in other.iter_mut().zip(1..) {
        event.seq = Some(Seq::new(seq));
    }
    let imported = tasks.import(all_ok(other)).resume().await.unwrap();
    assert_eq!((imported.events, imported.skipped), (4, 0));
}

async fn resumed_import_without_ids_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (_, events) = twelve().await;
    for (field, change) in [
        (
            "event_id",
            (|event| event.event_id = None) as fn(&mut ExportedEvent),
        ),
        ("seq", |event| event.seq = None),
    ] {
        let mut without = events.clone();
        change(&mut without[5]);
        let (_, through, source) = partly(
            tasks
                .import(all_ok(without.clone()))
                .commit_every(5)
                .resume()
                .await,
        );
        let Error::ImportRejected(illegal) = source else {
            panic!("{source}");
        };
        assert_eq!((through, illegal.number), (5, 6));
        assert!(
            matches!(illegal.reason, ImportViolation::MissingImportIdentity { field: it } if it == field),
            "{illegal}"
        );
    }
    let both = tasks
        .import(all_ok(events))
        .exclusive()
        .commit_every(5)
        .await;
    assert!(matches!(both, Err(Error::InvalidInput(_))), "{both:?}");
}
