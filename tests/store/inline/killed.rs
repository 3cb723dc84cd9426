//! Programs that are killed in the middle of appends with an inline model.
//!
//! `EVENTSOURCE_CRASHES` says how often, 5 times if it is not set.

use eventsource_core::{Dialect, EntityId, Store, StoreOptions};
use eventsource_tests::postgres::PostgresServer;
use tokio::task::JoinSet;

use super::users::{Emails, UserEvent, check, registered};
use crate::support::child::{self, Process};
use crate::support::database::Database;
use crate::support::servers::own_server;
use crate::support::waiting::until;

const VICTIM: &str = "victim";

fn crashes() -> u32 {
    match std::env::var("EVENTSOURCE_CRASHES") {
        Ok(crashes) => crashes.parse().expect("EVENTSOURCE_CRASHES is a number"),
        Err(_) => 5,
    }
}

/// Appends until it is killed, with many clients, of which some collide.
async fn append_for_ever(url: &str) {
    let store = StoreOptions::new(url)
        .application_name(VICTIM)
        .max_connections(6)
        .connect()
        .await
        .unwrap();
    let users = store.open::<UserEvent>().await.unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    let mut clients = JoinSet::new();
    for client in 0..32 {
        let users = users.clone();
        clients.spawn(async move {
            for round in 0.. {
                let id = EntityId::new();
                let email = match round % 10 {
                    9 => format!("same-{round}"),
                    _ => id.to_string(),
                };
                let appended = users.append(id, registered(email)).await;
                if let Err(error) = appended {
                    assert!(error.is_unique_violation(), "{error:?}");
                }
                if client == 0 && round == 20 {
                    child::send("appends");
                }
            }
        });
    }
    clients.join_all().await;
}

async fn is_connected(store: &Store) -> bool {
    if store.tables().dialect() == Dialect::Sqlite {
        return false;
    }
    let mut transaction = store.begin().await.unwrap();
    let select = "SELECT 1 FROM pg_stat_activity WHERE application_name = $1";
    let rows = transaction.fetch(select, (VICTIM,)).await.unwrap();
    !rows.is_empty()
}

async fn kill_again_and_again(test: &str, url: &str) {
    let store = StoreOptions::new(url).connect().await.unwrap();
    let users = store.migrate::<UserEvent>().await.unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    for _ in 0..crashes() {
        let mut program = Process::start(test, url);
        assert_eq!(program.line().await.as_deref(), Some("appends"));
        program.signal("KILL").await;
        program.ended().await;
        // The server may be committing still.
        until(async || !is_connected(&store).await).await;
        check(&users, &store, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_programs_leave_inline_model_equal_to_the_log_on_postgres() {
    const TEST: &str =
        "inline::killed::killed_programs_leave_inline_model_equal_to_the_log_on_postgres";
    if let Some(url) = child::role() {
        return append_for_ever(&url).await;
    }
    let Some(server) = own_server(PostgresServer::start).await else {
        return;
    };
    kill_again_and_again(TEST, &server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_programs_leave_inline_model_equal_to_the_log_on_sqlite() {
    const TEST: &str =
        "inline::killed::killed_programs_leave_inline_model_equal_to_the_log_on_sqlite";
    if let Some(url) = child::role() {
        return append_for_ever(&url).await;
    }
    let database = Database::sqlite_file().await;
    kill_again_and_again(TEST, database.url()).await;
    database.remove().await;
}
