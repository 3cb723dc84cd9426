//! What a process keeps of the entities that commands are executed on.
//!
//! Uses nothing else of the store. Clones of a store share it.
//!
//! * `turns`: commands to one entity wait for each other.
//! * `cache`: states that the next command to an entity begins with.

pub(crate) mod cache;
pub(crate) mod turns;

use std::fmt;

use cache::StateCache;
use turns::Turns;

/// Turns and cached states of a store.
#[derive(Default)]
pub(crate) struct Commands {
    pub(crate) turns: Turns,
    pub(crate) states: StateCache,
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").finish_non_exhaustive()
    }
}
