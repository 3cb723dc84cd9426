//! Cache of the heads of the entities of an import.

use std::collections::HashMap;

use uuid::Uuid;

use crate::store::contract::rows::HeadRow;

/// Number of heads in one generation of the cache; two generations are kept.
const MAX_RECENT: usize = 1 << 16;

/// Cache of the heads that were used last; the others are read from the database, to which each
/// batch is written.
#[derive(Debug)]
pub(crate) struct Heads {
    /// Heads used since `recent` was last full; `None` for an entity without events.
    recent: HashMap<Uuid, Option<HeadRow>>,
    /// Heads used before that.
    older: HashMap<Uuid, Option<HeadRow>>,
    /// Number of recent heads from which they become the older ones.
    bound: usize,
}

impl Heads {
    /// Creates a bounded cache, for an import that writes each batch to the database.
    pub(crate) fn bounded() -> Self {
        Self::with(MAX_RECENT)
    }

    /// Creates an unbounded cache, for a dry run, whose events are written nowhere.
    pub(crate) fn unbounded() -> Self {
        Self::with(usize::MAX)
    }

    /// Creates a cache with this bound.
    fn with(bound: usize) -> Self {
        Self {
            recent: HashMap::new(),
            older: HashMap::new(),
            bound,
        }
    }

    /// Makes room for the entities of the next batch and returns those that are not cached, once
    /// each.
    pub(crate) fn unknown(&mut self, entity_ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
        if self.recent.len() >= self.bound {
            self.older = std::mem::take(&mut self.recent);
        }
        let mut unknown = Vec::new();
        for entity_id in entity_ids {
            if self.recent.contains_key(&entity_id) {
                continue;
            }
            let known = self.older.remove(&entity_id);
            if known.is_none() {
                unknown.push(entity_id);
            }
            self.recent.insert(entity_id, known.flatten());
        }
        unknown
    }

    /// Adds or replaces a head.
    pub(crate) fn found(&mut self, head: HeadRow) {
        self.recent.insert(head.entity_id, Some(head));
    }

    /// Returns the head of an entity of the current batch.
    pub(crate) fn get(&self, entity_id: Uuid) -> Option<&HeadRow> {
        self.recent.get(&entity_id)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recently_used_heads_stay_cached_and_others_are_dropped() {
        let mut heads = Heads::with(2);
        let ids: Vec<Uuid> = (0..4).map(Uuid::from_u128).collect();
        assert_eq!(
            heads.unknown([ids[0], ids[1], ids[0]].into_iter()),
            ids[..2]
        );
        // The first two are older now, and still cached.
        assert_eq!(heads.unknown([ids[2], ids[0]].into_iter()), [ids[2]]);
        // The one that was not used again is no longer cached.
        assert_eq!(heads.unknown([ids[3]].into_iter()), [ids[3]]);
        assert_eq!(heads.unknown([ids[0], ids[1]].into_iter()), [ids[1]]);
    }
}
