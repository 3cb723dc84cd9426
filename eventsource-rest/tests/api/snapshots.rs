//! Entities that are read with snapshots.

use eventsource_core::{EntityId, Store};
use eventsource_rest::Service;
use tasks::{TaskData, TaskEvent};

use crate::client::Api;

#[tokio::test]
async fn entity_read_from_snapshot_equals_entity_read_from_events() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let plain = Api::of(Service::new().mount(tasks.clone()));
    let keeping = Api::of(Service::new().mount_with_snapshots(tasks.clone()));
    let id = EntityId::new();
    let created = TaskEvent::Created {
        description: Some("again and again".to_owned()),
    };
    let append = tasks.append(id, created);
    let revisions = vec![TaskEvent::Revised; 120];
    revisions
        .into_iter()
        .fold(append, eventsource_core::Append::event)
        .await
        .unwrap();
    let path = format!("/api/v1/task/{id}");
    let alike = async |query: &str| {
        let path = format!("{path}{query}");
        let (from_events, from_snapshot) = (plain.get(&path).await, keeping.get(&path).await);
        assert_eq!(from_snapshot.body, from_events.body, "{query}");
        assert_eq!(from_snapshot.header("etag"), from_events.header("etag"));
        assert_eq!(from_events.body["data"]["description"], "again and again");
    };
    alike("").await;
    alike("").await;
    tasks.append(id, TaskEvent::Revised).await.unwrap();
    for query in ["", "?asOf=1", "?asOf=121", "?asOf=122"] {
        alike(query).await;
    }
    assert_eq!(tasks.forget_snapshots::<TaskData>().await.unwrap(), 1);
    plain.get(&path).await;
    assert_eq!(tasks.forget_snapshots::<TaskData>().await.unwrap(), 0);
}
