//! Fold that counts how many events it has read.

use eventsource_core::{EntityId, EventStore, Fold, RecordedEvent, Snapshot};
use serde::{Deserialize, Serialize};
use tasks::TaskEvent;

use crate::support::machines::created;

/// Fold to the events in their order; `applied` counts those that were read, and is in no snapshot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Story<const EVERY: u32> {
    pub events: Vec<String>,
    log_seqs: u64,
    #[serde(skip)]
    pub applied: u32,
}

impl<const EVERY: u32> PartialEq for Story<EVERY> {
    fn eq(&self, other: &Self) -> bool {
        (&self.events, self.log_seqs) == (&other.events, other.log_seqs)
    }
}

impl<const EVERY: u32> Fold<TaskEvent> for Story<EVERY> {
    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.events.push(format!("{:?}", event.event));
        self.log_seqs += event.log_seq.get();
        self.applied += 1;
    }
}

impl<const EVERY: u32> Snapshot<TaskEvent> for Story<EVERY> {
    const NAME: &'static str = "story";
    const VERSION: u32 = 1;
    const EVERY: u32 = EVERY;
}

pub type Tasks = EventStore<TaskEvent>;

/// Folds with snapshots and without, asserts that both agree, and returns how many events were read.
pub async fn read<const EVERY: u32>(tasks: &Tasks, id: EntityId) -> u32 {
    let whole = tasks.fold::<Story<EVERY>>(id).await.unwrap();
    let from_snapshot = tasks.fold::<Story<EVERY>>(id).with_snapshots().await;
    let from_snapshot = from_snapshot.unwrap();
    assert_eq!(from_snapshot, whole);
    from_snapshot.unwrap().value.applied
}

/// Makes a task with this many events after the first.
pub async fn revised(tasks: &Tasks, times: usize) -> EntityId {
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    revise(tasks, id, times).await;
    id
}

pub async fn revise(tasks: &Tasks, id: EntityId, times: usize) {
    for part in vec![TaskEvent::Revised; times].chunks(500) {
        let append = tasks.append(id, part[0].clone());
        let append = part[1..]
            .iter()
            .fold(append, |append, event| append.event(event.clone()));
        append.await.unwrap();
    }
}
