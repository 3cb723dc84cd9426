//! Format of the recorded file.

use std::collections::BTreeMap;

use eventsource_model::{Accumulator, Formula, MachineSpec};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Vectors {
    #[serde(default)]
    pub transition_combinators: Vec<FormulaCase>,
    #[serde(default)]
    pub accumulation_combinators: Vec<AccumulatorCase>,
    #[serde(default)]
    pub named_machines: Vec<MachineCase>,
    #[serde(default)]
    pub random_machines: Vec<MachineCase>,
    #[serde(default)]
    pub machines: Vec<MachineCase>,
}

#[derive(Deserialize)]
pub struct FormulaCase {
    pub formula: Formula<String>,
    pub eval: Vec<Evaluation<bool>>,
}

#[derive(Deserialize)]
pub struct AccumulatorCase {
    pub accumulate: Accumulator<String>,
    pub event: String,
    pub eval: Vec<Evaluation<Names>>,
}

#[derive(Deserialize)]
pub struct Evaluation<T> {
    pub state: Names,
    pub result: T,
}

pub type Names = Vec<String>;

/// Answer of the original, or the name of the Python error that it raised.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Answer<T> {
    Raised { error: String },
    Value(T),
}

/// Case of one machine.
#[derive(Deserialize)]
pub struct MachineCase {
    pub machine: MachineSpec,
    pub members: Names,
    pub may_be_initial: BTreeMap<String, Answer<bool>>,
    pub is_restarting: Names,
    pub auto_transition_events: Names,
    pub required_columns: Names,
    pub requires: BTreeMap<String, Names>,
    pub next_version: BTreeMap<String, [u32; 3]>,
    pub initial_states_fixed: Option<Answer<Vec<Names>>>,
    pub all_states_fixed: Option<Answer<Vec<Names>>>,
    pub all_transitions_fixed: Option<Answer<Vec<(Names, String, Names)>>>,
    pub all_states_and_events: Option<Answer<Vec<(Names, String)>>>,
    pub assert_only_valid_transitions_fixed: Option<Answer<String>>,
    pub explored_states: Option<Vec<Names>>,
    pub initial_states_fixed_count: Option<usize>,
    pub all_states_fixed_count: Option<usize>,
    pub all_transitions_fixed_count: Option<usize>,
    pub all_states_and_events_count: Option<usize>,
    pub explored_states_count: Option<usize>,
    pub steps: Vec<Step>,
    pub analysis: Analysis,
}

#[derive(Deserialize)]
pub struct Step {
    pub state: Names,
    pub allowed: Names,
    pub next: BTreeMap<String, Names>,
    pub reject: String,
    pub auto_next: Option<String>,
}

#[derive(Deserialize)]
pub struct Analysis {
    pub unreachable_events: Names,
    pub terminal_states: Vec<Names>,
    pub empty_state_reachable: bool,
    pub auto_conflict_states: Vec<Names>,
    pub auto_chains: Vec<AutoChain>,
}

#[derive(Deserialize)]
pub struct AutoChain {
    pub state: Names,
    pub event: String,
    pub writes: Option<Vec<(String, Names)>>,
    #[serde(default)]
    pub unbounded: bool,
}
