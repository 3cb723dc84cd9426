//! Context of one entity type, which every call to a driver gets.

use std::fmt;

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::names::Names;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::snapshot_state::SnapshotState;

/// Names, codes and rules of one entity type, as one program sees them.
pub(crate) struct EntityContext {
    /// Names of the tables.
    pub(crate) names: Names,
    /// Codes of the event types in this database.
    pub(crate) codes: EventTypeCodes,
    /// Rules of an append.
    pub(crate) rules: PlanRules,
    /// Access to the table of snapshots, as far as it has been tried.
    pub(crate) snapshots: SnapshotState,
}

impl fmt::Debug for EntityContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntityContext")
            .field("entity", &self.names.entity())
            .finish_non_exhaustive()
    }
}
