//! TODO

use crate::store::contract::codes::Numbers;
use crate::store::contract::names::Names;
use crate::store::contract::plan_rules::Rules;
use crate::store::contract::snapshot_state::Snapshots;

/// The tables of one entity, as one program sees them.
pub(crate) struct Table {
    pub(crate) names: Names,
    pub(crate) numbers: Numbers,
    pub(crate) rules: Rules,
    pub(crate) snapshots: Snapshots,
    /// The states that a head can be in.
    #[cfg(feature = "postgres")]
    pub(crate) states: crate::store::contract::reachable_states::States,
}
