//! Where the entities of an import stand, as far as memory goes.

use std::collections::HashMap;

use uuid::Uuid;

use crate::store::contract::rows::HeadRow;

/// How many heads are remembered before older ones are forgotten.
const HEADS: usize = 1 << 16;

/// The heads of the entities that were met last. The others are in the database, where each batch
/// leaves them.
#[derive(Debug)]
pub(crate) struct Heads {
    /// An entity that is not here nor there has not been looked for; `None`: it has no events.
    recent: HashMap<Uuid, Option<HeadRow>>,
    older: HashMap<Uuid, Option<HeadRow>>,
    bound: usize,
}

impl Heads {
    /// For what is written to the database batch by batch.
    pub(crate) fn bounded() -> Self {
        Self::with(HEADS)
    }

    /// For what is written nowhere.
    pub(crate) fn unbounded() -> Self {
        Self::with(usize::MAX)
    }

    fn with(bound: usize) -> Self {
        Self {
            recent: HashMap::new(),
            older: HashMap::new(),
            bound,
        }
    }

    /// Room for the entities of the next batch: those that are not known are returned, once each.
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

    pub(crate) fn found(&mut self, head: HeadRow) {
        self.recent.insert(head.entity_id, Some(head));
    }

    /// The head of an entity of this batch.
    pub(crate) fn get(&self, entity_id: Uuid) -> Option<&HeadRow> {
        self.recent.get(&entity_id)?.as_ref()
    }

    /// It stands elsewhere now.
    pub(crate) fn moved(&mut self, head: HeadRow) {
        self.found(head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_last_is_remembered_and_what_was_not_is_asked_for_again() {
        let mut heads = Heads::with(2);
        let ids: Vec<Uuid> = (0..4).map(Uuid::from_u128).collect();
        assert_eq!(
            heads.unknown([ids[0], ids[1], ids[0]].into_iter()),
            ids[..2]
        );
        // The first two are the older ones now, and are still known.
        assert_eq!(heads.unknown([ids[2], ids[0]].into_iter()), [ids[2]]);
        // The one that was not met again is forgotten.
        assert_eq!(heads.unknown([ids[3]].into_iter()), [ids[3]]);
        assert_eq!(heads.unknown([ids[0], ids[1]].into_iter()), [ids[1]]);
    }
}
