//! Rows of a view, as they are written.

use std::collections::BTreeMap;

use eventsource_core::{
    EntityId, Error, InputProblem, Keys, Position, Reads, RecordedEvent, Store, View, ViewEvent,
    ViewTable,
};
use serde::{Deserialize, Serialize};

use super::board::{NoteEvent, Room, all, pin, pinned, said};
use crate::support::concurrency::in_order;
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    rows_are_the_same_whatever_the_batches_and_shards,
    key_or_value_that_cannot_be_stored_is_refused,
    missing_generation_is_named,
}

on_every_database! {
    transactions_that_share_keys_lose_nothing,
}

on_postgres! {
    rows_are_found_by_their_keys_however_small_the_table_was,
}

/// A row: key, value, position.
type Rows = Vec<(String, serde_json::Value, Position)>;

async fn create(store: &Store, generation: u32) {
    let mut transaction = store.begin().await.unwrap();
    let schema = ViewTable::<Room>::schema(&store.tables().of_generation(generation));
    transaction.execute_all(&schema).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn rows(store: &Store, generation: u32) -> Rows {
    let mut transaction = store.begin().await.unwrap();
    let sql = format!("SELECT key, value, position FROM {{room__{generation}}} ORDER BY key");
    let rows = transaction.fetch(&sql, ()).await.unwrap();
    let row = |row: &eventsource_core::Row| {
        (
            row.get(0).unwrap(),
            row.get(1).unwrap(),
            row.get(2).unwrap(),
        )
    };
    rows.iter().map(row).collect()
}

/// Small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Applies events as their definition says, without a database.
fn expected(events: &[(Position, RecordedEvent<NoteEvent>)]) -> Rows {
    let mut rooms: BTreeMap<String, (Room, Position)> = BTreeMap::new();
    for (position, event) in events {
        for key in Room::keys(event).iter() {
            let (room, at) = rooms.entry(key.clone()).or_default();
            Reads::apply(room, event);
            *at = *position;
            if Room::ends(event) {
                rooms.remove(key);
            }
        }
    }
    let row = |(key, (room, at))| (key, serde_json::to_value::<Room>(room).unwrap(), at);
    rooms.into_iter().map(row).collect()
}

async fn rows_are_the_same_whatever_the_batches_and_shards(database: &Database) {
    let store = database.store();
    let notes = database.events::<NoteEvent>().await;
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let ids: Vec<EntityId> = (0..4).map(|_| EntityId::new()).collect();
    for id in &ids {
        notes.append(*id, pinned("a")).await.unwrap();
    }
    for number in 0..120 {
        let id = ids[numbers.below(4) as usize];
        let count = numbers.below(4);
        let rooms: Vec<String> = (0..count)
            .map(|_| ["a", "b", "c", "d'\"", "é/~"][numbers.below(5) as usize].to_owned())
            .collect();
        let event = match numbers.below(6) {
            0 => NoteEvent::Cleared { rooms },
            _ => NoteEvent::Said {
                rooms,
                text: format!("{number} '\"\\ é"),
            },
        };
        notes.append(id, event).await.unwrap();
    }
    let events = all(&notes).await;
    let expected = expected(&events);
    assert!(expected.len() >= 3, "{expected:?}");
    for generation in 1..=8_u32 {
        create(store, generation).await;
        let shards = [1, 2, 8][generation as usize % 3];
        for shard in 0..shards {
            let mut table = ViewTable::<Room>::generation(generation).shard(shard, shards);
            if generation % 2 == 0 {
                table = table.shared();
            }
            let mut rest = &events[..];
            while !rest.is_empty() {
                let most = [1, 3, 30, 200][generation as usize % 4];
                let size = (1 + numbers.below(most) as usize).min(rest.len());
                let (batch, after) = rest.split_at(size);
                let batch: Vec<(Option<Position>, &dyn ViewEvent<Room>)> = batch
                    .iter()
                    .map(|(at, event)| (Some(*at), event as &dyn ViewEvent<Room>))
                    .collect();
                let mut transaction = store.begin().await.unwrap();
                table.apply(&mut transaction, &batch).await.unwrap();
                transaction.commit().await.unwrap();
                rest = after;
            }
        }
        assert_eq!(
            rows(store, generation).await,
            expected,
            "generation {generation}"
        );
    }
}

/// View whose values and keys are as an event says, whether they can be stored or not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Careless {
    text: String,
    #[serde(skip)]
    forgotten: u32,
}

impl View for Careless {
    const NAME: &'static str = "room";
    const VERSION: u32 = 1;
    type Key = String;
}

impl Reads<NoteEvent> for Careless {
    fn keys(event: &RecordedEvent<NoteEvent>) -> Keys<String> {
        event.event.rooms().to_vec().into()
    }

    fn apply(&mut self, event: &RecordedEvent<NoteEvent>) {
        if let NoteEvent::Said { text, .. } = &event.event {
            match text.as_str() {
                "nul" => self.text = "\0".to_owned(),
                "skip" => self.forgotten += 1,
                "long" => self.text = "x".repeat(17 << 20),
                _ => {}
            }
        }
    }
}

async fn key_or_value_that_cannot_be_stored_is_refused(database: &Database) {
    let store = database.store();
    let notes = database.events::<NoteEvent>().await;
    create(store, 1).await;
    let id = pin(&notes, "a").await;
    let long = "é".repeat(128);
    for (event, problem) in [
        (said("", "x"), InputProblem::Empty),
        (said(&long, "x"), InputProblem::TooLong { max_bytes: 255 }),
        (said("a", "nul"), InputProblem::ContainsNul),
        (said("a", "skip"), InputProblem::NotReadBack),
    ] {
        let stored = notes.append(id, event).await.unwrap().events.remove(0);
        let table = ViewTable::<Careless>::generation(1);
        let mut transaction = store.begin().await.unwrap();
        let error = table.apply(&mut transaction, &[(None, &stored)]).await;
        match error.unwrap_err() {
            Error::InvalidInput(invalid) => assert_eq!(invalid.problem, problem),
            other => panic!("{other:?}"),
        }
    }
    let event = notes
        .append(id, said("a", "long"))
        .await
        .unwrap()
        .events
        .remove(0);
    let mut transaction = store.begin().await.unwrap();
    let table = ViewTable::<Careless>::generation(1);
    let error = table
        .apply(&mut transaction, &[(None, &event)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("is longer than"), "{error}");
}

async fn missing_generation_is_named(database: &Database) {
    let notes = database.events::<NoteEvent>().await;
    let id = pin(&notes, "a").await;
    let event = notes
        .append(id, said("a", "x"))
        .await
        .unwrap()
        .events
        .remove(0);
    let mut transaction = database.store().begin().await.unwrap();
    let table = ViewTable::<Room>::generation(7);
    let error = table
        .apply(&mut transaction, &[(None, &event)])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ModelNotMigrated { .. }), "{error:?}");
}

/// Writes in several transactions at once that have keys in common, new ones and others.
async fn transactions_that_share_keys_lose_nothing(database: &Database) {
    let notes = database.events::<NoteEvent>().await;
    create(database.store(), 1).await;
    let mut writers = Vec::new();
    for writer in 0..6 {
        let id = pin(&notes, "nowhere").await;
        let mut events = Vec::new();
        for round in 0..10 {
            // Everybody meets in the room of the round, which is new to all.
            let rooms = vec![format!("round {}", round % 5), format!("writer {writer}")];
            let text = format!("{writer}.{round}");
            let appended = notes.append(id, NoteEvent::Said { rooms, text }).await;
            events.extend(appended.unwrap().events);
        }
        let store = database.another_store().await;
        writers.push(async move {
            let table = ViewTable::<Room>::generation(1).shared();
            for event in &events {
                let mut transaction = store.begin().await.unwrap();
                table
                    .apply(&mut transaction, &[(None, event)])
                    .await
                    .unwrap();
                transaction.commit().await.unwrap();
            }
        });
    }
    in_order(writers).await;
    let rows = rows(database.store(), 1).await;
    let said = |(key, value, _): &(String, serde_json::Value, Position)| {
        (key.clone(), value["said"].as_array().unwrap().len())
    };
    let counts: Vec<_> = rows.iter().map(said).collect();
    let rounds = (0..5).map(|round| (format!("round {round}"), 12));
    let own = (0..6).map(|writer| (format!("writer {writer}"), 10));
    assert_eq!(counts, rounds.chain(own).collect::<Vec<_>>());
}

/// The table was nearly empty when the plans of the connection were made, and they are kept.
async fn rows_are_found_by_their_keys_however_small_the_table_was(database: &Database) {
    let store = database.store();
    let notes = database.events::<NoteEvent>().await;
    create(store, 1).await;
    let id = pin(&notes, "nowhere").await;
    let rooms = (0..10).map(|room| format!("room {room}")).collect();
    let text = "hello".to_owned();
    let said = notes.append(id, NoteEvent::Said { rooms, text }).await;
    let said = said.unwrap().events.remove(0);
    let mut transaction = store.begin().await.unwrap();
    for table in [
        ViewTable::<Room>::generation(1),
        ViewTable::<Room>::generation(1).shared(),
    ] {
        // After the fifth time Postgres keeps one plan for all.
        for _ in 0..8 {
            table
                .apply(&mut transaction, &[(None, &said)])
                .await
                .unwrap();
        }
    }
    let scans =
        "SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relid = $1::regclass";
    let of = store.tables().of_generation(1).name("room");
    let scans = transaction.fetch(scans, (of,)).await.unwrap();
    assert_eq!(scans[0].get::<i64>(0).unwrap(), 0);
    assert!(scans[0].get::<i64>(1).unwrap() > 0);
}
