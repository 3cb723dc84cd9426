//! Reads of views, and how fresh they are.

use std::time::Duration;

use eventsource_core::{
    Error, InputProblem, Model, Position, Retry, Store, View, ViewEvent, ViewTable,
};
use serde_json::json;
use tasks::TaskEvent;

use super::board::{NoteEvent, Room, all, pin, said};
use crate::support::database::Database;
use crate::support::machines::created;

on_every_database! {
    and sqlite_memory:
    values_are_read_by_key_list_and_field,
    pages_of_large_values_are_cut,
    bad_questions_are_refused,
    fresh_read_waits_for_what_was_committed,
    fresh_read_passes_events_of_other_machines,
    fresh_read_of_a_halted_view_fails_at_once,
    fresh_read_asks_only_the_shard_of_its_key,
    view_without_tables_is_named,
}

on_every_database! {
    fresh_read_ends_when_another_program_has_caught_up,
}

on_postgres! {
    fresh_read_of_a_role_that_gives_no_positions_fails,
}

const SOON: Duration = Duration::from_millis(60);

/// Applies what is new to generation 1 and moves the checkpoint of a shard, as a worker would.
async fn catch_up(store: &Store, shard: u16, shards: u16) {
    let notes = store.open::<NoteEvent>().await.unwrap();
    // First the end: what is committed after it is of the next time.
    let end = store.feed().committed_position().await.unwrap();
    let events = all(&notes).await;
    let mut transaction = store.begin().await.unwrap();
    let select = "SELECT position FROM {eventsource_shard} WHERE shard = $1";
    let rows = transaction
        .fetch(select, (shard.cast_signed(),))
        .await
        .unwrap();
    let from: Position = rows[0].get(0).unwrap();
    let new: Vec<(Option<Position>, &dyn ViewEvent<Room>)> = events
        .iter()
        .filter(|(at, _)| *at > from && *at <= end)
        .map(|(at, event)| (Some(*at), event as &dyn ViewEvent<Room>))
        .collect();
    let table = ViewTable::<Room>::generation(1).shard(shard, shards);
    table.apply(&mut transaction, &new).await.unwrap();
    let update = "UPDATE {eventsource_shard} SET position = $2 WHERE shard = $1";
    let moved = (shard.cast_signed(), end);
    assert_eq!(transaction.execute(update, moved).await.unwrap(), 1);
    transaction.commit().await.unwrap();
}

async fn create(database: &Database, shards: u16) -> Store {
    let store = database.store();
    database.events::<NoteEvent>().await;
    store.migrate_runtime().await.unwrap();
    let model = Model::view::<Room>().reads("note");
    let generation = store.create_generation(&model, shards).await.unwrap();
    assert_eq!(generation, 1);
    store.clone()
}

async fn values_are_read_by_key_list_and_field(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    let id = pin(&notes, "hall").await;
    for (room, text) in [
        ("attic", "x"),
        ("hall", "y"),
        ("bath", "x"),
        ("bath/2", "it's"),
    ] {
        notes.append(id, said(room, text)).await.unwrap();
    }
    catch_up(&store, 0, 1).await;
    let rooms = store.view::<Room>();
    let hall = rooms
        .get(&"hall".to_owned())
        .fresh()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(hall.said, ["y"]);
    assert_eq!(rooms.get(&"cellar".to_owned()).await.unwrap(), None);

    let page = rooms.list().limit(3).await.unwrap();
    let keys: Vec<&str> = page.rows.iter().map(|row| &*row.key).collect();
    assert_eq!(keys, ["attic", "bath", "bath/2"]);
    assert!(page.has_more);
    let rest = rooms
        .list()
        .after(&page.rows[2].key)
        .limit(3)
        .await
        .unwrap();
    assert_eq!((rest.rows.len(), rest.has_more), (1, false));
    assert_eq!(rest.rows[0].value, hall);
    let exact = rooms.list().limit(4).fresh().await.unwrap();
    assert_eq!((exact.rows.len(), exact.has_more), (4, false));

    let keys = async |value: serde_json::Value, after: Option<&str>| {
        let mut list = rooms.matching("last", value);
        if let Some(after) = after {
            list = list.after(&after.to_owned());
        }
        let rows = list.fresh().await.unwrap().rows;
        rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(json!("x"), None).await, ["attic", "bath"]);
    assert_eq!(keys(json!("x"), Some("attic")).await, ["bath"]);
    assert_eq!(keys(json!("it's"), None).await, ["bath/2"]);
    assert!(keys(json!("z"), None).await.is_empty());
    assert!(keys(json!(1), None).await.is_empty());
}

async fn pages_of_large_values_are_cut(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    let id = pin(&notes, "hall").await;
    let long = "x".repeat(5 << 20);
    for room in ["a", "b", "c"] {
        notes.append(id, said(room, &long)).await.unwrap();
    }
    catch_up(&store, 0, 1).await;
    let page = store.view::<Room>().list().await.unwrap();
    assert!(page.has_more, "{} rows of 10 MiB each", page.rows.len());
    assert_eq!(page.rows.len(), 1);
}

async fn bad_questions_are_refused(database: &Database) {
    let store = create(database, 1).await;
    let rooms = store.view::<Room>();
    let problem = |error: Error| match error {
        Error::InvalidInput(invalid) => invalid.problem,
        other => panic!("{other:?}"),
    };
    let long = "x".repeat(256);
    let too_long = InputProblem::TooLong { max_bytes: 255 };
    assert_eq!(problem(rooms.get(&long).await.unwrap_err()), too_long);
    assert_eq!(
        problem(rooms.list().after(&long).await.unwrap_err()),
        too_long
    );
    let nul = "\0".to_owned();
    assert_eq!(
        problem(rooms.get(&nul).await.unwrap_err()),
        InputProblem::ContainsNul
    );
    let error = rooms.list().limit(1001).await.unwrap_err();
    assert_eq!(problem(error), InputProblem::TooMany { max: 1000 });
    assert_eq!(
        problem(rooms.list().limit(0).await.unwrap_err()),
        InputProblem::Empty
    );
    let error = rooms.matching("said", "x").await.unwrap_err();
    assert_eq!(problem(error), InputProblem::NotIndexed);
    let error = rooms.matching("last", json!(["x"])).await.unwrap_err();
    assert_eq!(problem(error), InputProblem::NotScalar);
}

async fn fresh_read_waits_for_what_was_committed(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    let id = pin(&notes, "hall").await;
    notes.append(id, said("hall", "x")).await.unwrap();
    let hall = "hall".to_owned();
    let rooms = store.view::<Room>();
    assert_eq!(
        rooms.get(&hall).await.unwrap(),
        None,
        "as far as it has come"
    );
    let error = rooms.get(&hall).fresh().within(SOON).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Later);
    match error {
        Error::Behind {
            name,
            position,
            wanted,
        } => {
            assert_eq!(name, Room::NAME);
            assert!(position < wanted);
        }
        other => panic!("{other:?}"),
    }
    let reading = tokio::spawn(rooms.get(&hall).fresh().into_future());
    catch_up(&store, 0, 1).await;
    assert_eq!(reading.await.unwrap().unwrap().unwrap().said, ["x"]);
}

async fn fresh_read_passes_events_of_other_machines(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    pin(&notes, "hall").await;
    catch_up(&store, 0, 1).await;
    let tasks = database.events::<TaskEvent>().await;
    tasks
        .append(eventsource_core::EntityId::new(), created())
        .await
        .unwrap();
    let rooms = store.view::<Room>();
    let hall = rooms
        .get(&"hall".to_owned())
        .fresh()
        .within(SOON)
        .await
        .unwrap();
    assert_eq!(hall, Some(Room::default()));
}

async fn fresh_read_of_a_halted_view_fails_at_once(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let halted = json!({"position": "1", "event_id": "e", "error": "no such room"});
    let update = "UPDATE {eventsource_shard} SET halted = $1";
    transaction.execute(update, (halted,)).await.unwrap();
    transaction.commit().await.unwrap();
    let hall = "hall".to_owned();
    let rooms = store.view::<Room>();
    // Nothing is committed that it lacks.
    assert_eq!(rooms.get(&hall).fresh().await.unwrap(), None);
    pin(&notes, "hall").await;
    let error = rooms.get(&hall).fresh().await.unwrap_err();
    assert!(matches!(error, Error::Halted { .. }), "{error:?}");
    assert!(error.to_string().contains("no such room"), "{error}");
    assert_eq!(rooms.get(&hall).await.unwrap(), None);
}

async fn fresh_read_asks_only_the_shard_of_its_key(database: &Database) {
    let store = create(database, 4).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    let id = pin(&notes, "hall").await;
    notes.append(id, said("attic", "x")).await.unwrap();
    let shard = |room: &str| eventsource_core::shard_of_key(room, 4);
    assert_ne!(shard("hall"), shard("attic"), "the test needs two shards");
    catch_up(&store, shard("hall"), 4).await;
    let rooms = store.view::<Room>();
    let hall = rooms
        .get(&"hall".to_owned())
        .fresh()
        .within(SOON)
        .await
        .unwrap();
    assert_eq!(hall, Some(Room::default()));
    let attic = rooms.get(&"attic".to_owned()).fresh().within(SOON);
    assert!(matches!(attic.await.unwrap_err(), Error::Behind { .. }));
    let list = rooms.list().fresh().within(SOON);
    assert!(matches!(list.await.unwrap_err(), Error::Behind { .. }));
    for shard in 0..4 {
        catch_up(&store, shard, 4).await;
    }
    assert_eq!(rooms.list().fresh().await.unwrap().rows.len(), 2);
}

async fn view_without_tables_is_named(database: &Database) {
    let store = database.store();
    database.events::<NoteEvent>().await;
    let rooms = store.view::<Room>();
    let error = rooms.list().await.unwrap_err();
    assert!(
        matches!(error, Error::RuntimeNotMigrated { .. }),
        "{error:?}"
    );
    store.migrate_runtime().await.unwrap();
    let error = rooms.list().fresh().await.unwrap_err();
    assert!(matches!(error, Error::ModelNotMigrated { .. }), "{error:?}");
}

async fn fresh_read_ends_when_another_program_has_caught_up(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    let id = pin(&notes, "hall").await;
    let other = database.another_store().await;
    for round in 0..20 {
        notes
            .append(id, said("hall", &round.to_string()))
            .await
            .unwrap();
        let reading = store.view::<Room>().get(&"hall".to_owned()).fresh();
        let reading = tokio::spawn(reading.into_future());
        catch_up(&other, 0, 1).await;
        let said = reading.await.unwrap().unwrap().unwrap().said;
        assert_eq!(said.len(), round + 1, "stale");
    }
}

/// Reads as the reader, who can read rows but cannot know what is committed.
async fn fresh_read_of_a_role_that_gives_no_positions_fails(database: &Database) {
    let store = create(database, 1).await;
    let notes = store.open::<NoteEvent>().await.unwrap();
    pin(&notes, "hall").await;
    catch_up(&store, 0, 1).await;
    let reader = database.connect_as("reader").await.view::<Room>();
    let hall = "hall".to_owned();
    assert_eq!(reader.get(&hall).await.unwrap(), Some(Room::default()));
    let error = reader.get(&hall).fresh().await.unwrap_err();
    assert!(matches!(error, Error::CannotSequence { .. }), "{error:?}");
    let writer = database.connect_as("writer").await.view::<Room>();
    assert_eq!(
        writer.get(&hall).fresh().await.unwrap(),
        Some(Room::default())
    );
}
