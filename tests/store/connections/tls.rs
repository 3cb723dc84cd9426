//! Encrypted connections.

use crate::support::servers::{own_server, pool_at};
use crate::support::tasks::started;
use eventsource_core::{Retry, Store};
use eventsource_tests::postgres::PostgresServer;
use tasks::TaskEvent;
use tokio::task::spawn_blocking;

/// Connects to a server whose certificate is signed by an authority that no system knows.
#[tokio::test(flavor = "multi_thread")]
async fn connection_with_tls_verifies_server_certificate() {
    const CERTIFICATE: &str = include_str!("../../data/tls/server.crt");
    const KEY: &str = include_str!("../../data/tls/server.key");
    let Some(server) = own_server(|| PostgresServer::start_with_tls(CERTIFICATE, KEY)).await else {
        return;
    };
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tls/ca.crt");
    let open = |how: String| {
        let url = format!("{}?{how}", server.url());
        async move { Store::connect(&url).await }
    };
    for how in ["verify-ca", "verify-full"] {
        let store = open(format!("sslmode={how}&sslrootcert={root}")).await;
        let tasks = store.unwrap().migrate::<TaskEvent>().await.unwrap();
        started(&tasks).await;
        let refused = open(format!("sslmode={how}")).await.unwrap_err();
        assert_eq!(refused.retry(), Retry::Never, "{refused:?}");
    }
    let pool = pool_at(&format!("{}?sslmode=disable", server.url())).await;
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE ssl AND application_name = 'eventsource'";
    let store = open(format!("sslmode=verify-full&sslrootcert={root}")).await;
    let tasks = store.unwrap().open::<TaskEvent>().await.unwrap();
    let count: i64 = sqlx::query_scalar(encrypted)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(count > 0, "the connections are encrypted");
    drop(tasks);
    pool.close().await;
    spawn_blocking(|| server.stop()).await.unwrap().unwrap();
}
