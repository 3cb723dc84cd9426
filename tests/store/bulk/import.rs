//! Exports, and imports at once.

use chrono::{DateTime, TimeDelta, Utc};
use eventsource_core::testing::legal_history;
use eventsource_core::{
    EntityId, Error, EventId, EventStore, ExportedEvent, ImportViolation, PayloadJson,
    RecordedEvent, Retry, Seq, Store,
};
use proptest::prelude::*;
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::events::{all_ok, at_second, lines_of, plain_event, started_events};
use crate::support::machines::{assigned, created, reassigned};
use crate::support::property::check;
use crate::support::tasks::some_event;

on_every_database! {
    and sqlite_memory, postgres_outbox:
    export_imported_elsewhere_is_identical,
}

on_every_database! {
    import_with_illegal_event_names_it_and_stores_nothing,
    import_without_due_auto_transition_is_refused,
    import_with_duplicate_event_id_is_refused,
    import_with_times_before_epoch_is_readable,
    import_of_malformed_line_is_refused,
}

on_every_database! {
    and sqlite_memory:
    import_dry_run_reports_every_illegal_event,
}

on_every_database! {
    and postgres_outbox:
    import_continues_stream_of_existing_entity,
}

async fn in_memory() -> EventStore<TaskEvent> {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap()
}

/// Reads a history without the log sequences, which are each database's own.
async fn history(tasks: &EventStore<TaskEvent>, id: EntityId) -> Vec<RecordedEvent<TaskEvent>> {
    let mut history = tasks.history(id).await.unwrap();
    for event in &mut history {
        event.log_seq = eventsource_core::LogSeq::default();
    }
    history
}

/// Exports from one database, imports into another, and exports again (P25, C27).
async fn export_imported_elsewhere_is_identical(database: &Database) {
    let there = database.events::<TaskEvent>().await;
    let payloads = |event_type| Just(some_event(event_type)).boxed();
    let histories = legal_history::<TaskEvent>(payloads, 1..8).appended_only();
    let all_lines = std::sync::Mutex::new(String::new());
    check(&prop::collection::vec(histories, 1..4), async |histories| {
        let here = in_memory().await;
        let ids: Vec<EntityId> = histories.iter().map(|_| EntityId::new()).collect();
        let longest = histories.iter().map(Vec::len).max().unwrap_or_default();
        // Entity by entity in turns, so that their events are mixed.
        for turn in 0..longest {
            for (id, history) in ids.iter().zip(&histories) {
                if let Some(event) = history.get(turn) {
                    let append = here.append(*id, event.clone()).by("ann");
                    append
                        .idempotency_key(format!("{id} {turn}"))
                        .await
                        .unwrap();
                }
            }
        }
        let lines = lines_of(&here).await;
        let imported = there.import_lines(lines.as_bytes()).await.unwrap();
        assert_eq!(imported.events, lines.lines().count() as u64);
        assert_eq!(imported.entities, ids.len() as u64);
        let back = in_memory().await;
        all_lines.lock().unwrap().push_str(&lines);
        for id in ids {
            assert_eq!(history(&there, id).await, history(&here, id).await);
            assert_eq!(there.head(id).await.unwrap(), here.head(id).await.unwrap());
        }
        assert_eq!(lines_of(&there).await, *all_lines.lock().unwrap());
        back.import(there.export().stream()).await.unwrap();
        assert_eq!(lines_of(&back).await, *all_lines.lock().unwrap());
    });
}

async fn import_continues_stream_of_existing_entity(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (old, new) = (EntityId::new(), EntityId::new());
    tasks.append(old, created()).await.unwrap();
    let later = Utc::now() + TimeDelta::days(1);
    let mut events = started_events(new);
    events.insert(1, ExportedEvent::of(old, &assigned("ann"), later).unwrap());
    let imported = tasks.import(all_ok(events)).await.unwrap();
    assert_eq!((imported.events, imported.entities), (5, 1));
    assert_eq!(
        tasks.head(old).await.unwrap().unwrap().state.to_string(),
        "[ASSIGNED, CREATED]"
    );
    // And so does an append after it.
    let appended = tasks.append(new, TaskEvent::Completed).await.unwrap();
    assert_eq!(appended.first().seq, Seq::new(5));
    assert_eq!(
        tasks.head(new).await.unwrap().unwrap().created_at,
        at_second(0)
    );
    // The feed has them all.
    let feed = tasks.feed().limit(100).await.unwrap();
    assert_eq!(feed.events.len(), 8);
}

/// Imports two started tasks, one of them changed, and returns why that is refused, counted from the
/// first event of the changed one.
async fn refused(
    tasks: &EventStore<TaskEvent>,
    change: impl FnOnce(&mut Vec<ExportedEvent>),
) -> (u64, ImportViolation) {
    let (fine, wrong) = (EntityId::new(), EntityId::new());
    let mut events = started_events(wrong);
    change(&mut events);
    let (fine_events, before) = (started_events(fine), tasks.search().await.unwrap().total);
    let all = fine_events.into_iter().chain(events);
    let refused = tasks.import(all_ok(all.collect())).await.unwrap_err();
    assert_eq!(refused.retry(), Retry::Never);
    let Error::ImportRejected(refused) = refused else {
        panic!("{refused}");
    };
    assert_eq!(refused.entity_id, Some(wrong));
    // Nothing at all was stored.
    assert_eq!(tasks.search().await.unwrap().total, before);
    assert_eq!(tasks.head(fine).await.unwrap(), None);
    (refused.number - 4, refused.reason)
}

fn payload(json: &str) -> PayloadJson {
    serde_json::from_str(json).unwrap()
}

async fn import_with_illegal_event_names_it_and_stores_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let skipped = refused(&tasks, |events| drop(events.remove(1))).await;
    let (3, ImportViolation::Rejected { actual, rejection }) = skipped else {
        panic!("{skipped:?}");
    };
    assert_eq!((actual, rejection.event()), (Seq::new(2), "STARTED"));
    assert_eq!(
        rejection.to_string(),
        "Event type 'STARTED' may not follow [CREATED, SCHEDULED]"
    );

    let other = refused(&tasks, |events| events[2].seq = Some(Seq::new(4))).await;
    let gap = ImportViolation::SeqMismatch {
        given: Seq::new(4),
        actual: Seq::new(3),
    };
    assert_eq!((other.0, other.1.to_string()), (3, gap.to_string()));

    let earlier = refused(&tasks, |events| events[3].recorded_at = at_second(1)).await;
    assert!(
        matches!(
            earlier,
            (4, ImportViolation::TimestampBeforePrevious { .. })
        ),
        "{earlier:?}"
    );

    let unknown = refused(&tasks, |events| events[1].event_type = "ASIGNED".into()).await;
    assert_eq!(
        (unknown.0, unknown.1.to_string()),
        (2, "unknown event type 'ASIGNED'".into())
    );

    let missing = refused(&tasks, |events| events[1].data = PayloadJson::default()).await;
    assert_eq!(
        (missing.0, missing.1.to_string()),
        (2, "Event type 'ASSIGNED' requires 'assignee'".into())
    );

    let misfit = refused(&tasks, |events| {
        events[1].data = payload(r#"{"assignee":7}"#);
    })
    .await;
    assert!(
        matches!(misfit, (2, ImportViolation::Payload(_))),
        "{misfit:?}"
    );

    let text = refused(&tasks, |events| {
        events[1].data = payload(r#"{"assignee":"\u0000"}"#);
    })
    .await;
    assert!(
        matches!(text, (2, ImportViolation::InvalidText { .. })),
        "{text:?}"
    );
}

/// Imports add no auto transitions: they are in the history (M21).
async fn import_without_due_auto_transition_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let due = refused(&tasks, |events| {
        events.push(plain_event(events[0].entity_id, &TaskEvent::Completed, 5));
    })
    .await;
    let (5, ImportViolation::AutoTransitionDue { event_type }) = due else {
        panic!("{due:?}");
    };
    assert_eq!(event_type, "ENDED");
    let id = EntityId::new();
    let mut events = started_events(id);
    events.push(plain_event(id, &TaskEvent::Completed, 5));
    events.push(plain_event(id, &TaskEvent::Ended, 5));
    assert_eq!(tasks.import(all_ok(events)).await.unwrap().events, 6);
}

async fn import_with_duplicate_event_id_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let event_id = Some(EventId::new());
    // In what is imported at once.
    let twice = refused(&tasks, |events| {
        (events[1].event_id, events[3].event_id) = (event_id, event_id);
    })
    .await;
    assert!(
        matches!(twice, (4, ImportViolation::DuplicateEventId)),
        "{twice:?}"
    );
    // And of what is there already.
    let id = EntityId::new();
    let mut events = started_events(id);
    events[1].event_id = event_id;
    tasks.import(all_ok(events)).await.unwrap();
    let mut again = plain_event(id, &reassigned("bob"), 9);
    again.event_id = event_id;
    let next = vec![plain_event(id, &reassigned("ann"), 8), again];
    let Err(Error::ImportRejected(twice)) = tasks.import(all_ok(next)).await else {
        panic!("an id for two events");
    };
    assert!(
        matches!(
            (twice.number, &twice.reason),
            (2, ImportViolation::DuplicateEventId)
        ),
        "{twice}"
    );
    assert_eq!(history(&tasks, id).await.len(), 4);
    // Of another entity it is another event, also where that comes in between.
    let mut events = started_events(EntityId::new());
    events[1].event_id = event_id;
    tasks.import(all_ok(events)).await.unwrap();
    let twice = refused(&tasks, |events| {
        let mut others = started_events(EntityId::new());
        others[0].event_id = event_id;
        (events[1].event_id, events[3].event_id) = (event_id, event_id);
        events.insert(2, others.swap_remove(0));
    })
    .await;
    assert!(
        matches!(twice, (5, ImportViolation::DuplicateEventId)),
        "{twice:?}"
    );
    // What was refused has taken no id.
    let mut events = started_events(EntityId::new());
    let mut early = events[3].clone();
    early.event_id = event_id;
    events[3].event_id = event_id;
    events.insert(0, early);
    let report = tasks.import(all_ok(events)).dry_run().await.unwrap();
    assert_eq!((report.legal, report.illegal), (4, 1), "{report:?}");
}

/// Imports times from the year 1 to the year 9999, and no others (P33).
async fn import_with_times_before_epoch_is_readable(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let year = |year: i32| format!("{year:04}-01-01T00:00:00.000001Z");
    let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let id = EntityId::new();
    let mut events = started_events(id);
    for (event, of) in events.iter_mut().zip([1, 1905, 1969, 9999]) {
        event.recorded_at = time(&year(of));
    }
    tasks.import(all_ok(events)).await.unwrap();
    for (of, seq) in [(0, 0), (1, 1), (1904, 1), (1905, 2), (1970, 3), (9999, 4)] {
        let head = tasks.head(id).as_of(time(&year(of))).await.unwrap();
        assert_eq!(head.map_or(0, |head| head.seq.get()), seq, "{of}");
        let until = tasks.entities().updated_until(time(&year(of)));
        assert_eq!(
            until.await.unwrap().total,
            Some(u64::from(of == 9999)),
            "{of}"
        );
    }
    for other in ["+10000-01-01T00:00:00Z", "0000-12-31T23:59:59Z"] {
        let other = refused(&tasks, |events| events[3].recorded_at = time(other)).await;
        assert!(
            matches!(other, (4, ImportViolation::TimestampOutOfRange { .. })),
            "{other:?}"
        );
    }
    // A leap second is the second after it.
    let id = EntityId::new();
    let mut events = started_events(id);
    events.truncate(2);
    events[0].recorded_at = time("2016-12-31T23:59:60.5Z");
    events[1].recorded_at = time("2017-01-01T00:00:00.5Z");
    tasks.import(all_ok(events)).await.unwrap();
}

async fn import_dry_run_reports_every_illegal_event(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let fine = started_events(id);
    let fine: Vec<String> = fine
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    let completed = serde_json::to_string(&plain_event(id, &TaskEvent::Completed, 9)).unwrap();
    let lines = [
        &fine[0], "no json", &fine[2], "", &fine[3], &fine[1], &fine[3], &completed,
    ]
    .join("\n");
    let report = tasks.import_lines(lines.as_bytes()).dry_run();
    let report = report.await.unwrap();
    let numbers: Vec<u64> = report.first.iter().map(|illegal| illegal.number).collect();
    // Started (5) before it was assigned; assigned (6) before it was scheduled, by the log sequence.
    assert_eq!(numbers, [2, 5, 6, 7, 8], "{report:?}");
    assert_eq!((report.legal, report.illegal), (2, 5));
    assert!(matches!(
        report.first[0].reason,
        ImportViolation::Unreadable(_)
    ));
    assert!(matches!(
        report.first[2].reason,
        ImportViolation::TimestampBeforePrevious { .. }
    ));
    assert_eq!(tasks.search().await.unwrap().total, Some(0));

    // An import reports the first illegal event only.
    let Err(Error::ImportRejected(first)) = tasks.import_lines(lines.as_bytes()).await else {
        panic!("that is illegal");
    };
    assert_eq!((first.number, first.entity_id), (2, None));
    assert_eq!(tasks.search().await.unwrap().total, Some(0));

    // A missing auto transition is reported too, and is none of the legal events.
    let mut due = started_events(id);
    due.push(plain_event(id, &TaskEvent::Completed, 9));
    let report = tasks.import(all_ok(due)).dry_run().await.unwrap();
    assert_eq!((report.legal, report.illegal), (4, 1));

    // It is known last, and is among the first all the same.
    let other = plain_event(EntityId::new(), &TaskEvent::Started, 0);
    let mut due = started_events(id);
    due.push(plain_event(id, &TaskEvent::Completed, 9));
    due.extend(std::iter::repeat_n(other, 120));
    let report = tasks.import(all_ok(due)).dry_run().await.unwrap();
    assert_eq!((report.legal, report.illegal), (4, 121));
    let numbers: Vec<u64> = report.first.iter().map(|illegal| illegal.number).collect();
    assert_eq!(numbers, (5..105).collect::<Vec<_>>());
}

/// Imports lines that are nearly events.
async fn import_of_malformed_line_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let line = serde_json::to_string(&plain_event(id, &created(), 0)).unwrap();
    let typo = line.replace("\"data\"", "\"dota\"");
    let error = tasks.import_lines(typo.as_bytes()).await.unwrap_err();
    assert!(
        error.to_string().contains("unknown field `dota`"),
        "{error}"
    );
    let cut = &line[..line.len() - 1];
    let error = tasks.import_lines(cut.as_bytes()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("event 1: cannot parse the line as an event"),
        "{error}"
    );
    let nothing = tasks.import_lines(&b"\n \n"[..]).await.unwrap();
    assert_eq!(nothing.events, 0);
}
