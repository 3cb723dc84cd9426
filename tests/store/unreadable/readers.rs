//! Every reader hands an unreadable event over in its place, or names it in its error.

use eventsource_core::{EntityId, Error, EventResult, Position, Search, Seq, ViolationKind};
use eventsource_tests::waiting::within;
use futures_util::TryStreamExt;
use tasks::{TaskEvent, TaskEventType};

use super::tampering::{Place, Tampered, payload, tampered, word};
use crate::support::database::Database;
use crate::support::feed::{nth, number};
use crate::support::machines::reassigned;

on_every_database! {
    and postgres_outbox:
    one_unreadable_event_anywhere_takes_no_other_from_any_reader,
    many_unreadable_events_take_no_other_from_any_reader,
}

on_every_database! {
    entity_with_unreadable_event_is_read_up_to_it_and_after_it,
    subscription_goes_on_after_unreadable_event,
    search_by_field_goes_on_beside_unreadable_events,
    event_raw_shows_what_is_stored,
    export_writes_unreadable_events_and_import_names_them,
    verify_lists_unreadable_events_within_its_limit,
}

/// First, last, and in the middle.
async fn one_unreadable_event_anywhere_takes_no_other_from_any_reader(database: &Database) {
    for place in [0, 299, 137] {
        let database = database.another().await;
        let log = tampered(&database, &[place]).await;
        read_everything(&log).await;
        database.remove().await;
    }
}

async fn many_unreadable_events_take_no_other_from_any_reader(database: &Database) {
    let places = [0, 1, 70, 71, 130, 131, 190, 191, 250, 298, 299];
    read_everything(&tampered(database, &places).await).await;
}

/// Returns the place of an event; asserts that it can be read if nobody has tampered with it.
fn place(log: &Tampered, event: &EventResult<TaskEvent>) -> Place {
    match event {
        Ok(recorded) => {
            let place = (recorded.entity_id, recorded.seq);
            assert_eq!(log.word(place.0, place.1), None, "{recorded:?}");
            place
        }
        Err(unreadable) => {
            let place = (unreadable.entity_id, unreadable.seq);
            assert_eq!(
                log.word(place.0, place.1),
                Some(word(&unreadable.reason)),
                "{unreadable}"
            );
            assert!(unreadable.log_seq.get() > 0 && unreadable.entity == "task");
            assert_eq!(unreadable.parent_id.is_some(), unreadable.seq > Seq::new(1));
            let named = unreadable.event_type.is_some();
            assert_eq!(named, word(&unreadable.reason) != "type");
            place
        }
    }
}

async fn read_everything(log: &Tampered) {
    let tasks = &log.tasks;
    let oldest = |limit| tasks.search().oldest_first().limit(limit);
    let places = |events: &[EventResult<TaskEvent>]| -> Vec<Place> {
        events.iter().map(|event| place(log, event)).collect()
    };

    let whole = oldest(1000).await.unwrap();
    assert_eq!(whole.total, Some(300));
    assert_eq!(places(&whole.items), log.log);
    let mut newest = places(
        &tasks
            .search()
            .newest_first()
            .limit(1000)
            .await
            .unwrap()
            .items,
    );
    newest.reverse();
    assert_eq!(newest, log.log);
    let mut by_entity = places(&tasks.search().limit(1000).await.unwrap().items);
    by_entity.sort_unstable();
    let mut sorted = log.log.clone();
    sorted.sort_unstable();
    assert_eq!(by_entity, sorted);
    let parts = |search: Search<'_, TaskEvent>| search.parts(100).try_collect::<Vec<_>>();
    let parts = parts(oldest(1000)).await.unwrap();
    let in_parts = parts.iter().flat_map(|part| places(&part.items));
    assert!(parts.len() > 1 && in_parts.eq(log.log.iter().copied()));

    let mut after = Position::START;
    let mut fed = Vec::new();
    while fed.len() < 300 {
        let page = tasks.feed().after(after).limit(7).await.unwrap();
        after = page.checkpoint;
        fed.extend(page.events.into_iter().map(|(_, event)| event));
    }
    assert_eq!(places(&fed), log.log);
    // Of positions nobody has tampered with any.
    let store = tasks.clone();
    let mut follow = store.feed().subscribe();
    for place_in_log in 1..=300 {
        let (position, event) = within(follow.next()).await.unwrap();
        assert_eq!(number(position), place_in_log);
        let expected = log.log[usize::try_from(place_in_log).unwrap() - 1];
        assert_eq!(place(log, &event), expected);
    }

    for id in log.log.iter().take(60).map(|(id, _)| *id) {
        let each = tasks.history(id).each().await.unwrap();
        let all: Vec<Place> = (1..=5).map(|seq| (id, Seq::new(seq))).collect();
        assert_eq!(places(&each), all);
        let first = each.iter().find_map(|event| event.as_ref().err());
        let named = |error: Error| match error {
            Error::Unreadable(event) => assert_eq!(Some(&event), first, "{event}"),
            other => panic!("{other:?}"),
        };
        match first {
            None => {
                assert_eq!(tasks.history(id).await.unwrap().len(), 5);
                assert_eq!(tasks.data(id).await.unwrap().unwrap().head.seq, Seq::new(5));
            }
            Some(_) => {
                named(tasks.history(id).await.unwrap_err());
                let streamed = tasks.history(id).stream().try_collect::<Vec<_>>().await;
                named(streamed.unwrap_err());
                named(tasks.data(id).await.unwrap_err());
                named(tasks.data(id).with_snapshots().await.unwrap_err());
            }
        }
        for event in &each {
            match event {
                Ok(recorded) => {
                    let found = tasks.event(recorded.id).await.unwrap();
                    assert_eq!(found.as_ref(), Some(recorded));
                }
                Err(unreadable) => match tasks.event(unreadable.id).await.unwrap_err() {
                    Error::Unreadable(event) => assert_eq!(&event, unreadable),
                    other => panic!("{other:?}"),
                },
            }
        }
    }
}

/// What an error says is enough to find the event.
async fn entity_with_unreadable_event_is_read_up_to_it_and_after_it(database: &Database) {
    let log = tampered(database, &[137]).await;
    let (id, seq) = log.log[137];
    assert_eq!(seq.get(), 3);
    let tasks = &log.tasks;
    let error = tasks.history(id).await.unwrap_err();
    let Error::Unreadable(event) = &error else {
        panic!("{error:?}");
    };
    let text = format!(
        "event {} of task {id}, #3 of type SCHEDULED, cannot be read:",
        event.id
    );
    assert!(error.to_string().starts_with(&text), "{error}");
    assert_eq!(error.retry(), eventsource_core::Retry::Never);
    assert_eq!(tasks.history(id).as_of(Seq::new(2)).await.unwrap().len(), 2);
    let after = tasks.history(id).after(seq).await.unwrap();
    assert_eq!((after.len(), after[0].parent_id), (2, Some(event.id)));
    assert_eq!(
        after[0].prior_state.to_string(),
        "[ASSIGNED, CREATED, SCHEDULED]"
    );
    let then = tasks.data(id).as_of(Seq::new(2)).await.unwrap().unwrap();
    assert_eq!(then.value.assignee.as_deref(), Some("ann"));
    // It goes on with its life.
    tasks.append(id, reassigned("bob")).await.unwrap();
    assert_eq!(tasks.head(id).await.unwrap().unwrap().seq, Seq::new(6));
}

async fn subscription_goes_on_after_unreadable_event(database: &Database) {
    let log = tampered(database, &[137, 299]).await;
    let tasks = &log.tasks;
    let mut follow = tasks.feed().limit(10).subscribe();
    let mut unreadable = Vec::new();
    // Whoever treats it as an error gets it once, and is not kept from the next.
    for _ in 0..300 {
        let (position, event) = within(follow.next()).await.unwrap();
        assert_eq!(follow.position(), position);
        if let Err(event) = event.map_err(Error::from) {
            unreadable.push((number(position), event.to_string()));
        }
    }
    assert_eq!(
        unreadable.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [138, 300]
    );
    let added = tasks.append(log.log[0].0, reassigned("bob")).await.unwrap();
    let (_, next) = within(follow.next()).await.unwrap();
    assert_eq!(next.unwrap(), added.events[0]);
    // A consumer that begins again from before it meets it again.
    let mut again = tasks.feed().after(nth(137)).subscribe();
    let (_, event) = within(again.next()).await.unwrap();
    assert_eq!(event.unwrap_err().to_string(), unreadable[0].1);
}

async fn search_by_field_goes_on_beside_unreadable_events(database: &Database) {
    let places = [60, 61, 62, 63, 64, 65, 66, 67, 68];
    let log = tampered(database, &places).await;
    let found = log.tasks.entities().field("assignee", "ann").limit(100);
    let found = found.await.unwrap();
    let untouched = |id: &EntityId| log.unreadable.keys().all(|(other, _)| other != id);
    for id in log
        .log
        .iter()
        .take(60)
        .map(|(id, _)| id)
        .filter(|id| untouched(id))
    {
        assert!(found.items.iter().any(|head| head.id == *id));
    }
    let assigned = log
        .tasks
        .search()
        .event_type(TaskEventType::Assigned)
        .await
        .unwrap();
    let unknown = log
        .unreadable
        .values()
        .filter(|word| **word == "type")
        .count();
    assert_eq!(assigned.total, Some(60 - unknown as u64));
}

async fn event_raw_shows_what_is_stored(database: &Database) {
    let log = tampered(database, &[60, 61, 62, 63, 64, 65]).await;
    let tasks = &log.tasks;
    let page = tasks.search().min_log_seq(eventsource_core::LogSeq::new(1));
    let page = page.oldest_first().limit(1000).await.unwrap();
    let ids = page.items[60..66]
        .iter()
        .map(|event| event.as_ref().unwrap_err().id);
    let ids: Vec<_> = ids.collect();
    let mut raw = Vec::new();
    for id in ids {
        let event = tasks.event_raw(id).await.unwrap().unwrap();
        let (place, seq) = (event.entity_id.parse().unwrap(), Seq::new(2));
        let at = tasks.event_raw_at(place, seq).await.unwrap();
        assert_eq!(at.as_ref(), Some(&event));
        assert_eq!((event.id.clone(), event.seq), (id.to_string(), 2));
        raw.push(event);
    }
    assert_eq!(raw[0].payload, payload("5"));
    assert!(raw[1].payload.starts_with(r#"{"assignee": [[[["#));
    assert_eq!(raw[2].payload, payload("1e999"));
    assert_eq!(raw[3].payload, "[1]");
    assert_eq!((raw[4].event_type_code, &raw[4].event_type), (63, &None));
    assert_eq!(raw[4].payload, r#"{"assignee":"ann"}"#);
    assert_eq!(raw[5].metadata, r#"{"actor": 5}"#);
    assert_eq!(raw[0].event_type.as_deref(), Some("ASSIGNED"));
    assert_eq!(
        tasks
            .event_raw(eventsource_core::EventId::new())
            .await
            .unwrap(),
        None
    );
    // What can be read is shown as well.
    let sound = tasks
        .event_raw_at(log.log[0].0, Seq::new(1))
        .await
        .unwrap()
        .unwrap();
    assert!(
        sound.recorded_at.starts_with("20") && sound.state == 1,
        "{sound:?}"
    );
}

async fn export_writes_unreadable_events_and_import_names_them(database: &Database) {
    let places = [60, 61, 62, 63, 64, 65, 66, 67, 68, 299];
    let log = tampered(database, &places).await;
    let mut reported = Vec::new();
    let mut lines = Vec::new();
    let export = log.tasks.export();
    let export = export.on_unreadable(|event| reported.push((event.entity_id, event.seq)));
    assert_eq!(export.lines(&mut lines).await.unwrap(), 300);
    let expected: Vec<Place> = places.iter().map(|place| log.log[*place]).collect();
    assert_eq!(reported, expected);
    let lines = String::from_utf8(lines).unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    assert!(
        lines[60].contains(&format!(r#""data":{}"#, payload("5"))),
        "{}",
        lines[60]
    );
    assert!(lines[61].contains(r#""data":{"assignee": [[[["#));
    assert!(lines[62].contains(&payload("1e999")));
    assert!(lines[63].contains(r#""data":[1]"#));
    assert!(lines[64].contains(r#""event_type":"code 63""#));
    if !database.is_postgres() {
        assert!(lines[66].contains(r#""data":"no JSON""#), "{}", lines[66]);
    }
    // An import names what it refuses, and stores the rest without those entities.
    let other = database.another().await;
    let tasks = other.events::<TaskEvent>().await;
    let report = tasks
        .import_lines(lines.join("\n").as_bytes())
        .dry_run()
        .await;
    let refused: Vec<u64> = report
        .unwrap()
        .first
        .iter()
        .map(|event| event.number)
        .collect();
    assert_eq!(refused.first(), Some(&61));
    let touched = |line: &&&str| {
        expected
            .iter()
            .any(|(id, _)| line.contains(&id.to_string()))
    };
    let rest: Vec<&str> = lines
        .iter()
        .filter(|line| !touched(line))
        .copied()
        .collect();
    let imported = tasks
        .import_lines(rest.join("\n").as_bytes())
        .await
        .unwrap();
    assert_eq!(imported.events, rest.len() as u64);
    other.remove().await;
}

async fn verify_lists_unreadable_events_within_its_limit(database: &Database) {
    let places = [60, 61, 62, 63, 64, 65, 66, 67, 68, 137, 299];
    let log = tampered(database, &places).await;
    let verified = log.tasks.verify().await.unwrap();
    for (id, seq) in log.unreadable.keys() {
        let named = verified.violations.iter();
        let named = named.filter(|one| (one.entity_id, one.seq) == (*id, Some(*seq)));
        assert!(named.count() > 0, "{id} {seq}: {:#?}", verified.violations);
    }
    let is_unreadable = |kind: &ViolationKind| matches!(kind, ViolationKind::Unreadable { .. });
    let first = verified
        .violations
        .iter()
        .find(|one| is_unreadable(&one.kind));
    let text = first.unwrap().to_string();
    assert!(text.contains("cannot be read: "), "{text}");
    for limit in [1, 3, 5] {
        let some = log.tasks.verify().limit(limit).await.unwrap();
        assert_eq!(some.violations, verified.violations[..limit as usize]);
    }
}
