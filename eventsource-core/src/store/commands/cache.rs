//! Cache of the states of entities, so that a command need not load its entity.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

/// Most states that are kept.
const MAX_STATES: usize = 65_536;

/// Most memory that the states may take, as far as it is known.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// States of entities, as their last command left them.
///
/// Whoever uses a state takes it out, and puts it back with what was stored meanwhile: so no event is
/// applied twice, and whoever does not come back leaves nothing. Other programs may have appended since:
/// the sequence in the state tells the database which events it knows.
///
/// The states are in two halves. When the recent ones fill theirs, they become the older ones, and what
/// has not been used since the last time is dropped.
pub(crate) struct StateCache {
    halves: Mutex<Halves>,
    max_states: usize,
    max_bytes: usize,
}

#[derive(Default)]
struct Halves {
    recent: HashMap<Key, State>,
    /// Sum of the sizes of the recent states.
    bytes: usize,
    older: HashMap<Key, State>,
}

/// Type of the state, and id of the entity.
type Key = (TypeId, Uuid);

struct State {
    value: Box<dyn Any + Send>,
    bytes: usize,
}

impl Default for StateCache {
    fn default() -> Self {
        Self::new(MAX_STATES, MAX_BYTES)
    }
}

impl StateCache {
    fn new(max_states: usize, max_bytes: usize) -> Self {
        Self {
            halves: Mutex::default(),
            max_states,
            max_bytes,
        }
    }

    /// Takes the state of an entity out.
    pub(crate) fn take<T: Any>(&self, id: Uuid) -> Option<T> {
        let key = (TypeId::of::<T>(), id);
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let state = match halves.recent.remove(&key) {
            Some(state) => {
                halves.bytes -= state.bytes;
                state
            }
            None => halves.older.remove(&key)?,
        };
        drop(halves);
        state.value.downcast().ok().map(|value| *value)
    }

    /// Puts the state of an entity in, unless it takes an eighth of all memory.
    pub(crate) fn put<T: Any + Send>(&self, id: Uuid, value: T, bytes: usize) {
        let bytes = bytes.saturating_add(mem::size_of::<(Key, State)>());
        if bytes > self.max_bytes / 8 {
            return;
        }
        let state = State {
            value: Box::new(value),
            bytes,
        };
        let key = (TypeId::of::<T>(), id);
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full =
            halves.recent.len() >= self.max_states / 2 || halves.bytes + bytes > self.max_bytes / 2;
        let mut dropped = None;
        if is_full {
            let recent = mem::take(&mut halves.recent);
            dropped = Some(mem::replace(&mut halves.older, recent));
            halves.bytes = 0;
        }
        halves.bytes += bytes;
        let replaced = halves.recent.insert(key, state);
        halves.bytes -= replaced.as_ref().map_or(0, |state| state.bytes);
        let older = halves.older.remove(&key);
        // Many states may take a while to drop.
        drop(halves);
        drop((dropped, replaced, older));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> Uuid {
        Uuid::from_u128(number as u128)
    }

    fn known(cache: &StateCache) -> usize {
        let halves = cache.halves.lock().expect("no test panics with it");
        halves.recent.len() + halves.older.len()
    }

    #[test]
    fn state_is_taken_once_and_found_by_its_type() {
        let cache = StateCache::default();
        cache.put(id(1), "first", 10);
        cache.put(id(1), "second", 10);
        cache.put(id(1), 7_u8, 10);
        assert_eq!(cache.take::<&str>(id(2)), None);
        assert_eq!(cache.take::<&str>(id(1)), Some("second"));
        assert_eq!(cache.take::<&str>(id(1)), None);
        assert_eq!(cache.take::<u8>(id(1)), Some(7));
        assert_eq!(
            (known(&cache), cache.halves.lock().expect("none").bytes),
            (0, 0)
        );
    }

    #[test]
    fn number_and_size_of_states_are_bounded() {
        let cache = StateCache::new(100, usize::MAX);
        for number in 0..1000 {
            cache.put(id(number), number, 1);
            assert!(known(&cache) <= 100, "{number}");
            // What is used stays.
            let used = cache
                .take::<usize>(id(0))
                .expect("the state is used all the time");
            cache.put(id(0), used, 1);
        }
        assert_eq!(cache.take::<usize>(id(999)), Some(999));
        assert_eq!(cache.take::<usize>(id(1)), None);

        let cache = StateCache::new(usize::MAX, 100_000);
        for number in 0..1000 {
            cache.put(id(number), number, 1000);
            assert!(known(&cache) <= 100, "{number}");
        }
        assert!(known(&cache) >= 40, "{}", known(&cache));
        cache.put(id(1001), 1001_usize, 20_000);
        assert_eq!(cache.take::<usize>(id(1001)), None);
    }
}
