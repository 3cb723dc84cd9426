//! Idempotency keys that expire.

use std::time::Duration;

use eventsource_core::Store;
use sqlx::AnyPool;

use super::keys_of_actors::{
    Answer, Machines, TicketEvent, WAYS, Way, actors, make_earlier, stored,
};
use crate::by_name::support::column;
use crate::support::database::Database;
use crate::support::plain_sql::execute;

on_every_database! {
    idempotency_key_that_has_expired_is_free,
    expired_idempotency_keys_are_deleted_by_later_appends,
}

const HOUR: Duration = Duration::from_hours(1);

/// Opens a store whose keys expire after an hour.
pub async fn forgetting(database: &Database) -> Store {
    let options = database
        .schema_options()
        .idempotency_keys_expire_after(HOUR);
    database.connect_with(options).await
}

/// Makes all keys of a kind older than an hour.
pub async fn age(sql: &AnyPool, database: &Database, table: &str, keys: &str) {
    let past = match database.is_postgres() {
        true => "clock_timestamp() - interval '61 minutes'",
        false => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-61 minutes')",
    };
    let age = format!("UPDATE {table} SET created_at = {past} WHERE key LIKE '{keys}'");
    execute(sql, &age).await.unwrap();
}

async fn idempotency_key_that_has_expired_is_free(database: &Database) {
    let machines = Machines::of(&forgetting(database).await).await;
    let sql = database.sql().await;
    for way in WAYS {
        for (n, actor) in actors().iter().enumerate() {
            let actor = actor.as_ref();
            for is_earlier in [false, true] {
                let key = &format!("{way:?} {n} {is_earlier}");
                let mut before = stored(machines.ask(way, actor, key, "x").await);
                let mut table = "eventsource_idempotency_key";
                if is_earlier {
                    make_earlier(database, key).await;
                    table = "eventsource_idempotency";
                }
                let again = machines.ask(way, actor, key, "x").await;
                assert_eq!(again, Answer::Repeated(before.clone()), "{key}");
                age(&sql, database, table, key).await;
                assert!(!machines.knows(way, actor, key).await, "{key}");
                // Another request: nobody remembers the first one.
                for text in ["y", "x"] {
                    let events = stored(machines.ask(way, actor, key, text).await);
                    assert!(events.iter().all(|id| !before.contains(id)), "{key}");
                    let again = machines.ask(way, actor, key, text).await;
                    assert_eq!(again, Answer::Repeated(events.clone()), "{key}");
                    age(&sql, database, "eventsource_idempotency_key", key).await;
                    before = events;
                }
            }
        }
    }
    let verified = machines.tickets.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
    sql.close().await;
}

async fn expired_idempotency_keys_are_deleted_by_later_appends(database: &Database) {
    let machines = Machines::of(&forgetting(database).await).await;
    let sql = database.sql().await;
    for n in 0..20 {
        stored(
            machines
                .ask(WAYS[n % 4], None, &format!("old {n}"), "x")
                .await,
        );
    }
    for n in 0..4 {
        let key = format!("earlier {n}");
        stored(machines.ask(Way::Single, None, &key, "x").await);
        make_earlier(database, &key).await;
    }
    age(&sql, database, "eventsource_idempotency_key", "old %").await;
    age(&sql, database, "eventsource_idempotency", "earlier %").await;
    let left = async || {
        let keys = "SELECT key FROM eventsource_idempotency_key UNION ALL SELECT key FROM eventsource_idempotency ORDER BY key";
        column(&sql, keys).await
    };
    assert_eq!(left().await.len(), 24);
    // A request without a key deletes none.
    let noted = TicketEvent::Noted {
        text: "n".to_owned(),
    };
    machines
        .tickets
        .append(machines.ids[0], noted)
        .await
        .unwrap();
    assert_eq!(left().await.len(), 24);
    for n in 0..12 {
        let before = left().await.len();
        stored(
            machines
                .ask(WAYS[n % 4], None, &format!("new {n:02}"), "x")
                .await,
        );
        // No append deletes many.
        assert!(before <= left().await.len() + 3, "{n}");
    }
    let expected: Vec<String> = (0..12).map(|n| format!("new {n:02}")).collect();
    assert_eq!(left().await, expected);
    sql.close().await;
}
