//! Turns of commands to one entity: they come one after the other, in the order of asking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

/// Entity type and id of an entity.
type Key = (&'static str, Uuid);

/// Entities that somebody has, or waits for, the turn of.
///
/// An entity is forgotten with the last of them, so there are never more than executions going on.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>);

/// Turn of one command; the next one has it when this is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    key: Key,
    lock: Arc<tokio::sync::Mutex<()>>,
    /// `None` while it waits, and after its end.
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn of an entity.
    pub(crate) async fn wait(&self, entity: &'static str, id: Uuid) -> Turn<'_> {
        let key = (entity, id);
        let mut turn = Turn {
            turns: self,
            key,
            lock: Arc::clone(self.all().entry(key).or_default()),
            held: None,
        };
        turn.held = Some(Arc::clone(&turn.lock).lock_owned().await);
        turn
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Arc<tokio::sync::Mutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.held.take());
        let mut all = self.turns.all();
        // The map has one, this turn the other: nobody waits, and nobody can begin to without the map.
        if Arc::strong_count(&self.lock) == 2 {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn turns_of_an_entity_follow_each_other_and_are_forgotten() {
        let turns = Turns::default();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = turns.wait("task", one).await;
        let elsewhere = turns.wait("task", other).now_or_never();
        assert!(elsewhere.is_some() && turns.wait("note", one).now_or_never().is_some());

        let mut second = Box::pin(turns.wait("task", one));
        assert!(second.as_mut().now_or_never().is_none());
        // One that stops waiting leaves its place.
        assert!(turns.wait("task", one).now_or_never().is_none());
        drop(first);
        assert_eq!(turns.all().len(), 2);
        let second = second.now_or_never().expect("the turn is free");
        assert!(turns.wait("task", one).now_or_never().is_none());
        drop((second, elsewhere));
        assert!(turns.all().is_empty());
    }
}
