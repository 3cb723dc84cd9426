//! Statement that locks a head.

use crate::store::contract::names::Names;
use crate::store::sql::statements;

/// Returns the query that locks and reads the head of an entity.
pub(crate) fn lock_head(names: &Names) -> String {
    format!("{} FOR UPDATE", statements::select_head(names))
}
