//! What all entities share in Postgres' words, and its lock.

use crate::store::contract::names::Names;
use crate::store::sql::statements;

/// Locks the entity, so that appends to it take turns.
pub(crate) fn lock_head(names: &Names) -> String {
    format!("{} FOR UPDATE", statements::select_head(names))
}
