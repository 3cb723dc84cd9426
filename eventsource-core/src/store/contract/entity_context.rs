//! TODO

use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::names::Names;
use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::snapshot_state::SnapshotState;

/// The tables of one entity, as one program sees them.
pub(crate) struct EntityContext {
    pub(crate) names: Names,
    pub(crate) codes: EventTypeCodes,
    pub(crate) rules: PlanRules,
    pub(crate) snapshots: SnapshotState,
    /// The states that a head can be in.
    #[cfg(feature = "postgres")]
    pub(crate) states: crate::store::contract::reachable_states::ReachableStates,
}
