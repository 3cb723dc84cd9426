//! Views that are read from a standby.

use std::future::IntoFuture;
use std::time::Duration;

use eventsource_core::{EntityId, Error, Store, StoreOptions};
use eventsource_runtime::{Runtime, catch_up};
use tasks::TaskEvent;

use crate::support::machines::{assigned, created};
use crate::support::servers::{Replicated, pause_replay, pool_at, resume_replay};
use crate::support::waiting::{until, within};
use crate::views::Desk;

/// Pauses the standby: a fresh read waits for it, where an ordinary one answers with what was.
#[tokio::test(flavor = "multi_thread")]
async fn fresh_read_of_a_standby_waits_or_says_that_it_cannot() {
    let Some(servers) = Replicated::start().await else {
        return;
    };
    let (primary, standby) = (servers.primary.url(), servers.standby.url());
    let options = StoreOptions::new(primary).read_replica(standby.clone());
    let store = options.connect().await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let view = catch_up::<Desk>().reads(&tasks);
    let runtime = Runtime::new(&store).add(view).build().await.unwrap();
    let assign = async || {
        let task = tasks.append(EntityId::new(), created());
        task.event(assigned("bob")).await.unwrap();
        runtime.settle().await.unwrap();
    };
    let long = Duration::from_mins(3);
    let bob = "bob".to_owned();
    let replica = store.read_from_replica().view::<Desk>();
    let tasks_of = |desk: Option<Desk>| desk.map(|desk| desk.tasks);
    assign().await;
    // Until then the standby lacks even the tables.
    until(async || matches!(replica.get(&bob).await, Ok(Some(_)))).await;
    let fresh = replica.get(&bob).fresh().within(long).await.unwrap();
    assert_eq!(tasks_of(fresh), Some(1));

    let pool = pool_at(&standby).await;
    pause_replay(&pool).await;
    assign().await;
    assert_eq!(tasks_of(replica.get(&bob).await.unwrap()), Some(1));
    let short = Duration::from_millis(200);
    let behind = replica.get(&bob).fresh().within(short).await.unwrap_err();
    assert!(matches!(behind, Error::Behind { .. }), "{behind:?}");
    let waiting = tokio::spawn(replica.get(&bob).fresh().within(long).into_future());
    resume_replay(&pool).await;
    let fresh = within(waiting).await.unwrap().unwrap();
    assert_eq!(tasks_of(fresh), Some(2));

    // A program that knows the standby alone cannot tell what is committed.
    let alone = Store::connect(&standby).await.unwrap();
    let read = alone.view::<Desk>().get(&bob).await.unwrap();
    assert_eq!(tasks_of(read), Some(2));
    let cannot = alone.view::<Desk>().get(&bob).fresh().await.unwrap_err();
    assert!(matches!(cannot, Error::CannotSequence { .. }), "{cannot:?}");
    alone.close().await;
    pool.close().await;
    store.close().await;
    servers.stop().await;
}
