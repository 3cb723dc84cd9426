//! Reads from a standby.

use eventsource_core::{Seq, StoreOptions};
use tasks::TaskEvent;

use crate::support::machines::reassigned;
use crate::support::servers::{Replicated, pause_replay, pool_at, resume_replay};
use crate::support::tasks::started;
use crate::support::waiting::until;

/// Pauses the standby: reads that may be stale see what was, and appends go on.
#[tokio::test(flavor = "multi_thread")]
async fn reads_allowed_to_be_stale_come_from_standby() {
    let Some(servers) = Replicated::start().await else {
        return;
    };
    let (primary, standby) = (servers.primary.url(), servers.standby.url());
    let options = StoreOptions::new(primary).read_replica(standby.clone());
    let store = options.connect().await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = started(&tasks).await;
    store.feed().await.unwrap();
    let stale_store = store.read_from_replica();
    let stale = stale_store.open::<TaskEvent>().await.unwrap();
    // What the standby has heard of.
    let total = || async {
        match stale.search().await {
            Ok(page) => page.total,
            Err(error) => panic!("{error:?}"),
        }
    };
    let pool = pool_at(&standby).await;
    let feed = "SELECT CASE WHEN to_regclass('eventsource_feed') IS NULL THEN 0 ELSE
        (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM eventsource_feed',
            false, true, '')))[1]::text::bigint END";
    until(async || {
        let count = sqlx::query_scalar::<_, i64>(feed).fetch_one(&pool);
        count.await.unwrap() >= 4
    })
    .await;
    pause_replay(&pool).await;
    assert_eq!(total().await, Some(4));

    tasks.append(id, reassigned("ann")).await.unwrap();
    assert_eq!(store.feed().await.unwrap().events.len(), 5);
    assert_eq!(tasks.search().await.unwrap().total, Some(5));
    assert_eq!(total().await, Some(4));
    assert_eq!(stale.history(id).await.unwrap().len(), 4);
    assert_eq!(stale_store.feed().await.unwrap().events.len(), 4);
    // What decides about an append is never old.
    assert_eq!(stale.head(id).await.unwrap().unwrap().seq, Seq::new(5));
    let append = stale
        .append(id, reassigned("bob"))
        .expected_seq(Seq::new(5));
    append.await.unwrap();

    resume_replay(&pool).await;
    until(async || total().await >= Some(6)).await;
    pool.close().await;
    store.close().await;
    servers.stop().await;
}
