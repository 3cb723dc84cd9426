//! Transactions for SQL of one's own.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use eventsource_core::{Dialect, EntityId, EventId, Position, Seq, Transaction};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    values_come_back_as_they_were,
    nulls_come_back_as_none,
    integers_are_read_from_any_width,
    dropped_transaction_changes_nothing,
    update_before_the_commit_decides_about_it,
}

/// Creates a table with a column of each type.
async fn create(transaction: &mut Transaction<'_>) {
    let types = match transaction.dialect() {
        Dialect::Postgres => {
            "a smallint, b integer, c bigint, d boolean, e float8, f text, g uuid, h timestamptz, \
             i date, j jsonb, k bytea"
        }
        _ => {
            "a INTEGER, b INTEGER, c INTEGER, d INTEGER, e REAL, f TEXT, g TEXT, h TEXT, i TEXT, \
             j TEXT, k BLOB"
        }
    };
    let sql = format!("CREATE TABLE {{own}} ({types})");
    transaction.execute_all(&sql).await.unwrap();
}

const INSERT: &str = "INSERT INTO {own} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

async fn values_come_back_as_they_were(database: &Database) {
    database.store().migrate_runtime().await.unwrap();
    let mut transaction = database.store().begin().await.unwrap();
    create(&mut transaction).await;
    let (id, time) = (Uuid::now_v7(), Utc::now().trunc_subsecs(6));
    let date = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let json = json!({"text": "it's {own}", "list": [1, 2.5, null]});
    let values = (
        -7_i16,
        i32::MIN,
        i64::MAX,
        true,
        0.1_f64,
        "it's {own}",
        id,
        time,
        date,
        &json,
        vec![0_u8, 255],
    );
    assert_eq!(transaction.execute(INSERT, values).await.unwrap(), 1);
    let rows = transaction.fetch("SELECT * FROM {own}", ()).await.unwrap();
    let row = &rows[0];
    assert_eq!(row.get::<i16>(0).unwrap(), -7);
    assert_eq!(row.get::<i32>(1).unwrap(), i32::MIN);
    assert_eq!(row.get::<i64>(2).unwrap(), i64::MAX);
    assert!(row.get::<bool>(3).unwrap());
    assert_eq!(row.get::<f64>(4).unwrap(), 0.1);
    assert_eq!(row.get::<String>(5).unwrap(), "it's {own}");
    assert_eq!(row.get::<Uuid>(6).unwrap(), id);
    assert_eq!(row.get::<EntityId>(6).unwrap(), EntityId::from(id));
    assert_eq!(row.get::<EventId>(6).unwrap(), EventId::from(id));
    assert_eq!(row.get::<DateTime<Utc>>(7).unwrap(), time);
    assert_eq!(row.get::<NaiveDate>(8).unwrap(), date);
    assert_eq!(row.get::<Value>(9).unwrap(), json);
    assert_eq!(row.get::<Vec<u8>>(10).unwrap(), [0, 255]);
    assert!(row.get::<String>(0).is_err(), "a number is no text");
    assert!(row.get::<i64>(11).is_err(), "there is no such column");
}

async fn nulls_come_back_as_none(database: &Database) {
    database.store().migrate_runtime().await.unwrap();
    let mut transaction = database.store().begin().await.unwrap();
    create(&mut transaction).await;
    let values = (
        None::<i16>,
        None::<i32>,
        None::<i64>,
        None::<bool>,
        None::<f64>,
        None::<String>,
        None::<EntityId>,
        None::<DateTime<Utc>>,
        None::<NaiveDate>,
        None::<Value>,
        None::<Vec<u8>>,
    );
    transaction.execute(INSERT, values).await.unwrap();
    let rows = transaction.fetch("SELECT * FROM {own}", ()).await.unwrap();
    assert_eq!(rows[0].get::<Option<i64>>(2).unwrap(), None);
    assert_eq!(rows[0].get::<Option<Uuid>>(6).unwrap(), None);
    assert_eq!(rows[0].get::<Option<Value>>(9).unwrap(), None);
    assert!(rows[0].get::<i64>(2).is_err(), "NULL is no number");
}

async fn integers_are_read_from_any_width(database: &Database) {
    database.store().migrate_runtime().await.unwrap();
    let mut transaction = database.store().begin().await.unwrap();
    create(&mut transaction).await;
    let insert = "INSERT INTO {own} (a, b, c) VALUES ($1, $2, $3)";
    let values = (7_i16, Seq::new(70_000), 1_i64 << 40);
    transaction.execute(insert, values).await.unwrap();
    let select = "SELECT a, b, c FROM {own}";
    let rows = transaction.fetch(select, ()).await.unwrap();
    assert_eq!(rows[0].get::<i64>(0).unwrap(), 7);
    assert_eq!(rows[0].get::<Seq>(1).unwrap(), Seq::new(70_000));
    let position: Position = rows[0].get(2).unwrap();
    let text = transaction.fetch("SELECT $1", (position,)).await.unwrap();
    assert_eq!(text[0].get::<i64>(0).unwrap(), 1 << 40);
    assert!(
        rows[0].get::<i16>(1).is_err(),
        "70,000 has more than 16 bits"
    );
    assert!(rows[0].get::<i32>(2).is_err());
}

async fn dropped_transaction_changes_nothing(database: &Database) {
    database.store().migrate_runtime().await.unwrap();
    let mut transaction = database.store().begin().await.unwrap();
    create(&mut transaction).await;
    drop(transaction);
    let mut transaction = database.store().begin().await.unwrap();
    create(&mut transaction).await;
    transaction.commit().await.unwrap();
    let mut transaction = database.store().begin().await.unwrap();
    let rows = transaction.fetch("SELECT 1 FROM {own}", ()).await.unwrap();
    assert!(rows.is_empty());
}

/// Commits only if the update finds its row, and leaves the connection in order.
async fn update_before_the_commit_decides_about_it(database: &Database) {
    let store = database.store();
    store.migrate_runtime().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction
        .execute_all("CREATE TABLE {one} (id bigint PRIMARY KEY); INSERT INTO {one} VALUES (1)")
        .await
        .unwrap();
    transaction.commit().await.unwrap();

    for (update, is_found) in [
        ("UPDATE {one} SET id = 2 WHERE id = 1", true),
        ("UPDATE {one} SET id = 2 WHERE id = 1", false),
    ] {
        let mut transaction = store.begin().await.unwrap();
        let insert = "INSERT INTO {one} VALUES ($1)";
        transaction.execute(insert, (10_i64,)).await.unwrap();
        let committed = transaction.commit_if_updated(update).await.unwrap();
        assert_eq!(committed, is_found);
        let mut transaction = store.begin().await.unwrap();
        let delete = "DELETE FROM {one} WHERE id = 10";
        let deleted = transaction.execute(delete, ()).await.unwrap();
        assert_eq!(deleted, u64::from(is_found));
        transaction.commit().await.unwrap();
    }
}
