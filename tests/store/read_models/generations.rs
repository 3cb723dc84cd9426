//! Generations of read models.

use eventsource_core::{Error, Model, Projection, Store, Tables};

use super::board::{NoteEvent, Room};
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    first_generation_is_live_and_the_next_is_built_beside_it,
    name_of_another_kind_is_refused,
    table_that_is_not_named_after_its_generation_is_refused,
    view_for_people_leaves_other_tables_alone,
}

on_postgres! {
    generations_are_created_by_the_owner_and_switched_by_the_worker,
}

/// Projection with two tables.
struct Words {
    schema: &'static str,
}

impl Projection for Words {
    const NAME: &'static str = "words";
    const VERSION: u32 = 3;

    fn schema(&self, _tables: &Tables) -> String {
        self.schema.to_owned()
    }
}

const WORDS: Words = Words {
    schema: "CREATE TABLE {word} (word text); CREATE TABLE {word_of_room} (room text, word text)",
};

async fn execute(store: &Store, sql: &str) {
    let mut transaction = store.begin().await.unwrap();
    transaction.execute_all(sql).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn count(store: &Store, table: &str) -> i64 {
    let mut transaction = store.begin().await.unwrap();
    let sql = format!("SELECT count(*) FROM {{{table}}}");
    let rows = transaction.fetch(&sql, ()).await.unwrap();
    rows[0].get(0).unwrap()
}

async fn first_generation_is_live_and_the_next_is_built_beside_it(database: &Database) {
    let store = database.store();
    let model = Model::projection(&WORDS).reads("note");
    let error = store.create_generation(&model, 1).await.unwrap_err();
    assert!(matches!(
        error,
        Error::RuntimeNotMigrated { .. } | Error::Database { .. }
    ));
    store.migrate_runtime().await.unwrap();
    assert!(store.generations("words").await.unwrap().is_empty());
    assert_eq!(store.create_generation(&model, 2).await.unwrap(), 1);
    execute(store, "INSERT INTO {word__1} VALUES ('a')").await;
    assert_eq!(count(store, "word").await, 1);
    assert_eq!(count(store, "word_of_room").await, 0);

    assert_eq!(store.create_generation(&model, 2).await.unwrap(), 2);
    assert_eq!(
        store.create_generation(&model, 2).await.unwrap(),
        2,
        "the same is built"
    );
    let [next, live] = &store.generations("words").await.unwrap()[..] else {
        panic!("two generations");
    };
    assert!(live.is_live && !live.is_building && !next.is_live && next.is_building);
    assert_eq!((next.generation, next.version, next.shards), (2, 3, 2));
    execute(store, "INSERT INTO {word__2} VALUES ('a'), ('b')").await;
    assert_eq!(count(store, "word").await, 1);
    assert!(
        !store.retire_generation("words", 1).await.unwrap(),
        "it is live"
    );

    store.switch_generation("words", 2).await.unwrap();
    assert_eq!(count(store, "word").await, 2);
    assert!(store.retire_generation("words", 1).await.unwrap());
    let left = store.generations("words").await.unwrap();
    assert_eq!(
        (left.len(), left[0].is_live, left[0].is_building),
        (1, true, false)
    );
    let mut transaction = store.begin().await.unwrap();
    transaction
        .fetch("SELECT 1 FROM {word__1}", ())
        .await
        .unwrap_err();
    drop(transaction);
    store.switch_generation("words", 1).await.unwrap_err();
    assert_eq!(store.create_generation(&model, 4).await.unwrap(), 3);
}

async fn name_of_another_kind_is_refused(database: &Database) {
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    store
        .create_generation(&Model::projection(&WORDS), 1)
        .await
        .unwrap();
    execute(
        store,
        "UPDATE {eventsource_subscription} SET kind = 'handler'",
    )
    .await;
    let error = store
        .create_generation(&Model::projection(&WORDS), 1)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("kind 'handler'"), "{error}");
    for shards in [0, 3, 512] {
        let error = store
            .create_generation(&Model::projection(&WORDS), shards)
            .await;
        assert!(matches!(error.unwrap_err(), Error::InvalidInput(_)));
    }
}

async fn table_that_is_not_named_after_its_generation_is_refused(database: &Database) {
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    let words = Words {
        schema: "CREATE TABLE {word} (word text); CREATE TABLE {eventsource_word} (word text)",
    };
    let error = store
        .create_generation(&Model::projection(&words), 1)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("'eventsource_word'"), "{error}");
    assert!(store.generations("words").await.unwrap().is_empty());
}

async fn view_for_people_leaves_other_tables_alone(database: &Database) {
    let store = database.store();
    database.events::<NoteEvent>().await;
    store.migrate_runtime().await.unwrap();
    execute(store, "CREATE TABLE {word} (mine text)").await;
    execute(store, "CREATE VIEW {word_of_room} AS SELECT 1 AS mine").await;
    store
        .create_generation(&Model::projection(&WORDS), 1)
        .await
        .unwrap();
    execute(store, "INSERT INTO {word} (mine) VALUES ('x')").await;
    assert_eq!(count(store, "word_of_room").await, 1);
}

async fn generations_are_created_by_the_owner_and_switched_by_the_worker(database: &Database) {
    let store = database.store();
    database.events::<NoteEvent>().await;
    store.migrate_runtime().await.unwrap();
    let model = Model::view::<Room>().reads("note");
    // No worker is given: the writer is it.
    let worker = database.connect_as("writer").await;
    let error = worker.create_generation(&model, 1).await.unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error:?}");
    store.create_generation(&model, 1).await.unwrap();
    store.create_generation(&model, 1).await.unwrap();
    execute(
        &worker,
        "INSERT INTO {room__2} VALUES ('hall', '{\"said\": []}', 1)",
    )
    .await;
    worker.switch_generation("room", 2).await.unwrap();
    let reader = database.connect_as("reader").await;
    assert_eq!(count(&reader, "room").await, 1);
    reader.switch_generation("room", 1).await.unwrap_err();
    reader.retire_generation("room", 1).await.unwrap_err();
    assert!(worker.retire_generation("room", 1).await.unwrap());
    assert_eq!(store.generations("room").await.unwrap().len(), 1);
}
