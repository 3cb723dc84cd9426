//! What has a value, and when it is free again.

use chrono::Utc;
use eventsource_core::{EntityId, Error, EventStore, ExportedEvent, Retry};
use futures_util::stream;
use serde_json::json;

use super::users::unique::UserEvent;
use super::users::{moved, registered};
use crate::support::database::Database;
use crate::support::plain_sql::{assert_refused, execute};

on_every_database! {
    and sqlite_memory, postgres_outbox:
    value_of_another_entity_is_taken_until_that_one_changes_it,
    value_stays_taken_after_end_and_new_generation,
    null_and_own_value_change_nothing,
    values_are_compared_byte_by_byte_whatever_their_length,
    event_that_is_taken_stores_nothing_of_its_request,
    values_within_one_request_are_claimed_in_its_order,
    import_of_taken_value_is_refused,
    verify_finds_no_difference_in_tables_with_unique_fields,
}

on_postgres! {
    unique_values_cannot_be_written_by_hand,
}

fn assert_taken(
    result: Result<impl std::fmt::Debug, Error>,
    field: &str,
    value: serde_json::Value,
) {
    let error = result.unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    let Error::Taken {
        entity,
        field: of,
        value: is,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((entity.as_str(), of.as_str(), is), ("user", field, value));
}

async fn value_of_another_entity_is_taken_until_that_one_changes_it(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let (ann, bob) = (EntityId::new(), EntityId::new());
    users.append(ann, registered("a@x")).await.unwrap();
    assert_taken(
        users.append(bob, registered("a@x")).await,
        "email",
        json!("a@x"),
    );
    assert!(users.head(bob).await.unwrap().is_none());
    users.append(bob, registered("b@x")).await.unwrap();
    assert_taken(users.append(bob, moved("a@x")).await, "email", json!("a@x"));

    users.append(ann, moved("new@x")).await.unwrap();
    users.append(bob, moved("a@x")).await.unwrap();
    assert_taken(users.append(ann, moved("a@x")).await, "email", json!("a@x"));
    // What Bob had before is free.
    users.append(ann, moved("b@x")).await.unwrap();

    let numbered = |number| UserEvent::Registered {
        email: format!("{number}@numbers"),
        number: Some(number),
    };
    users.append(EntityId::new(), numbered(7)).await.unwrap();
    users.append(EntityId::new(), numbered(8)).await.unwrap();
    let again = UserEvent::Registered {
        email: "c@x".to_owned(),
        number: Some(7),
    };
    assert_taken(
        users.append(EntityId::new(), again).await,
        "number",
        json!(7),
    );
}

async fn value_stays_taken_after_end_and_new_generation(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let ann = EntityId::new();
    users.append(ann, registered("a@x")).await.unwrap();
    users.append(ann, UserEvent::Renewed).await.unwrap();
    assert_taken(
        users.append(EntityId::new(), registered("a@x")).await,
        "email",
        json!("a@x"),
    );
    users.append(ann, UserEvent::Left).await.unwrap();
    assert_taken(
        users.append(EntityId::new(), registered("a@x")).await,
        "email",
        json!("a@x"),
    );
}

async fn null_and_own_value_change_nothing(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let (ann, bob) = (EntityId::new(), EntityId::new());
    users.append(ann, registered("a@x")).await.unwrap();
    users
        .append(ann, UserEvent::Moved { to: None })
        .await
        .unwrap();
    users.append(ann, moved("a@x")).await.unwrap();
    assert_taken(
        users.append(bob, registered("a@x")).await,
        "email",
        json!("a@x"),
    );
    // Nobody has a number, and that is no value.
    users.append(bob, registered("b@x")).await.unwrap();
    // A repeat is answered, not claimed anew.
    let first = users
        .append(EntityId::new(), registered("c@x"))
        .idempotency_key("k");
    let id = first.await.unwrap().events[0].entity_id;
    let again = users.append(id, registered("c@x")).idempotency_key("k");
    assert!(again.await.unwrap().replayed);
}

async fn values_are_compared_byte_by_byte_whatever_their_length(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let long = "x".repeat(100_000);
    for email in [
        "A@x",
        "a@x",
        "a@x ",
        "\u{e4}@x",
        "a\u{308}@x",
        "",
        "'",
        "\"%\\",
        &long,
    ] {
        users
            .append(EntityId::new(), registered(email))
            .await
            .unwrap();
        assert_taken(
            users.append(EntityId::new(), registered(email)).await,
            "email",
            json!(email),
        );
    }
    let longer = format!("{long}y");
    users
        .append(EntityId::new(), registered(&longer))
        .await
        .unwrap();
}

async fn event_that_is_taken_stores_nothing_of_its_request(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let (ann, bob, new) = (EntityId::new(), EntityId::new(), EntityId::new());
    users.append(ann, registered("a@x")).await.unwrap();
    let request = users
        .append(new, registered("new@x"))
        .append(bob, registered("a@x"))
        .idempotency_key("k");
    assert_taken(request.await, "email", json!("a@x"));
    assert!(users.head(new).await.unwrap().is_none());
    let request = users.append(new, registered("new@x")).idempotency_key("k");
    assert!(!request.await.unwrap().replayed, "the key is free");
}

async fn values_within_one_request_are_claimed_in_its_order(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let (ann, bob) = (EntityId::new(), EntityId::new());
    users.append(ann, registered("a@x")).await.unwrap();
    users.append(bob, registered("b@x")).await.unwrap();
    let early = users.append(bob, moved("a@x")).append(ann, moved("c@x"));
    assert_taken(early.await, "email", json!("a@x"));
    let late = users.append(ann, moved("c@x")).append(bob, moved("a@x"));
    assert_eq!(late.await.unwrap().events.len(), 2);
    let twice = users
        .append(EntityId::new(), registered("d@x"))
        .append(EntityId::new(), registered("d@x"));
    assert_taken(twice.await, "email", json!("d@x"));
}

async fn import_of_taken_value_is_refused(database: &Database) {
    let users = database.events::<UserEvent>().await;
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let import = async |users: &EventStore<UserEvent>, emails: Vec<String>| {
        let events = emails.into_iter().map(|email| {
            let event = ExportedEvent::of(EntityId::new(), &registered(&email), Utc::now());
            Ok(event.unwrap())
        });
        users.import(stream::iter(events)).await
    };
    let free = |from: usize, to: usize| (from..to).map(|n| format!("{n}@x")).collect::<Vec<_>>();
    import(&users, free(0, 1500)).await.unwrap();
    let mut taken = free(2000, 2010);
    taken.push("7@x".to_owned());
    assert_taken(import(&users, taken).await, "email", json!("7@x"));
    let mut twice = free(3000, 3010);
    twice.push("3001@x".to_owned());
    assert_taken(import(&users, twice).await, "email", json!("3001@x"));
    assert_eq!(users.search().await.unwrap().total, Some(1501));
    assert_taken(
        users.append(EntityId::new(), registered("1499@x")).await,
        "email",
        json!("1499@x"),
    );
}

async fn verify_finds_no_difference_in_tables_with_unique_fields(database: &Database) {
    let users = database.events::<UserEvent>().await;
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let verification = users.verify().await.unwrap();
    assert!(verification.is_valid(), "{verification:?}");
}

async fn unique_values_cannot_be_written_by_hand(database: &Database) {
    let users = database.events::<UserEvent>().await;
    users
        .append(EntityId::new(), registered("a@x"))
        .await
        .unwrap();
    let writer = database.connect_as("writer").await;
    let as_writer = writer.open::<UserEvent>().await.unwrap();
    as_writer
        .append(EntityId::new(), registered("b@x"))
        .await
        .unwrap();
    for role in ["writer", "reader"] {
        let sql = database.sql_as(role).await;
        execute(&sql, "SELECT count(*) FROM user_unique")
            .await
            .unwrap();
        for sql_text in [
            "DELETE FROM user_unique",
            "UPDATE user_unique SET field = 'x'",
            "INSERT INTO user_unique SELECT * FROM user_unique",
            "SELECT user_event_unique()",
        ] {
            assert_refused(execute(&sql, sql_text).await, sql_text);
        }
    }
}
