//! Searches of events: filters, orders and pages (M26, M27).

use eventsource_core::{EntityId, EventId, Generation, LogSeq, Page, RecordedEvent};
use tasks::{TaskEvent, TaskEventType};

use crate::support::database::Database;
use crate::support::machines::{assigned, created, scheduled, until_started};

on_every_database! {
    and sqlite_memory:
    event_search_pages_in_every_order,
}

on_every_database! {
    event_search_filters_select_matching_events,
    event_search_without_total_counts_nothing,
}

fn log_seqs(page: &Page<RecordedEvent<TaskEvent>>) -> Vec<u64> {
    page.items
        .iter()
        .map(|recorded| recorded.log_seq.get())
        .collect()
}

async fn event_search_filters_select_matching_events(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (task, other) = (EntityId::new(), EntityId::new());
    for event in until_started() {
        tasks.append(task, event).await.unwrap();
    }
    tasks.append(task, TaskEvent::Revised).await.unwrap();
    tasks.append(other, created()).await.unwrap();
    let history = tasks.history(task).await.unwrap();
    let log_seq_at = |place: usize| history[place - 1].log_seq;

    let of_task = tasks.search().entity(task).await.unwrap();
    let of_task = of_task.readable().unwrap();
    assert_eq!(of_task.total, Some(5));
    assert!(
        of_task.items.iter().eq(history.iter().rev()),
        "the newest first"
    );

    let by_type = tasks
        .search()
        .event_type(TaskEventType::Created)
        .await
        .unwrap();
    assert_eq!(by_type.total, Some(2));
    let both = tasks
        .search()
        .event_type(TaskEventType::Created)
        .entity(other)
        .await
        .unwrap();
    let both = both.readable().unwrap();
    assert_eq!((both.total, both.items[0].entity_id), (Some(1), other));

    let at = tasks.search().log_seq(log_seq_at(2)).await.unwrap();
    assert_eq!(at.readable().unwrap().items, history[1..2]);
    let range = tasks
        .search()
        .min_log_seq(log_seq_at(2))
        .max_log_seq(log_seq_at(3))
        .oldest_first()
        .await
        .unwrap();
    assert_eq!(range.readable().unwrap().items, history[1..3]);

    let child = tasks.search().parent(history[0].id).await.unwrap();
    assert_eq!(child.readable().unwrap().items, history[1..2]);
    assert_eq!(
        tasks.search().parent(EventId::new()).await.unwrap().total,
        Some(0)
    );

    let second = tasks.search().generation(Generation::new(2)).await.unwrap();
    assert_eq!(second.readable().unwrap().items, history[4..5]);
    assert_eq!(
        tasks.search().entity(EntityId::new()).await.unwrap().total,
        Some(0)
    );
    assert_eq!(
        tasks
            .search()
            .min_log_seq(LogSeq::new(u64::MAX))
            .await
            .unwrap()
            .total,
        Some(0)
    );
}

async fn event_search_pages_in_every_order(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (low, high) = (EntityId::new(), EntityId::new());
    assert!(low < high);
    for event in [created(), assigned("ann"), scheduled()] {
        tasks.append(low, event.clone()).await.unwrap();
        tasks.append(high, event).await.unwrap();
    }
    let newest = tasks.search().newest_first().await.unwrap();
    let newest = newest.readable().unwrap();
    let mut descending = log_seqs(&newest);
    assert!(descending.is_sorted_by(|a, b| a > b));
    assert_eq!((descending.len(), newest.total), (6, Some(6)));
    descending.reverse();
    let oldest = tasks.search().oldest_first().await.unwrap();
    assert_eq!(log_seqs(&oldest.readable().unwrap()), descending);

    let by_entity = tasks.search().await.unwrap().readable().unwrap();
    let entities: Vec<EntityId> = by_entity.items.iter().map(|e| e.entity_id).collect();
    assert_eq!(entities, [high, high, high, low, low, low]);
    let parts = by_entity.items.chunks(3);
    assert!(
        parts
            .into_iter()
            .all(|part| part.is_sorted_by(|a, b| a.log_seq > b.log_seq))
    );

    let page = tasks
        .search()
        .oldest_first()
        .offset(4)
        .limit(3)
        .await
        .unwrap()
        .readable()
        .unwrap();
    assert_eq!(
        (log_seqs(&page), page.total),
        (descending[4..].to_vec(), Some(6))
    );
    let beyond = tasks
        .search()
        .offset(u64::MAX)
        .limit(u64::MAX)
        .await
        .unwrap();
    assert_eq!((beyond.items.len(), beyond.total), (0, Some(6)));
    let none = tasks.search().limit(0).await.unwrap();
    assert_eq!((none.items.len(), none.total), (0, Some(6)));

    let many = EntityId::new();
    tasks.append(many, created()).await.unwrap();
    for _ in 0..25 {
        tasks.append(many, TaskEvent::Revised).await.unwrap();
    }
    let default = tasks.search().entity(many).await.unwrap();
    assert_eq!((default.items.len(), default.total), (20, Some(26)));
}

async fn event_search_without_total_counts_nothing(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    for _ in 0..3 {
        tasks.append(EntityId::new(), created()).await.unwrap();
    }
    let page = tasks
        .search()
        .offset(1)
        .limit(1)
        .without_total()
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.total), (1, None));
    let beyond = tasks.search().offset(7).without_total().await.unwrap();
    assert!(beyond.items.is_empty());
}
