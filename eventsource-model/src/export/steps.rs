//! Exploration for the exports [`xstate`](super::xstate()) and [`scxml`](super::scxml()).

use std::fmt;

use crate::{Exploration, Machine};

/// Error of an export whose machine has more states than the cap.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, export};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let refused = export::xstate(&machine, 1).unwrap_err();
/// assert_eq!(refused.to_string(), "the machine `light` has more than 1 states");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooManyStates {
    /// Name of the machine.
    pub machine: String,
    /// Cap that was exceeded, the empty state included.
    pub cap: usize,
}

impl fmt::Display for TooManyStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, cap } = self;
        write!(f, "the machine `{machine}` has more than {cap} states")
    }
}

impl std::error::Error for TooManyStates {}

/// Explores every state of the machine.
pub(super) fn explore(machine: &Machine, cap: usize) -> Result<Exploration, TooManyStates> {
    let exploration = machine.explore(cap);
    if exploration.is_complete() {
        Ok(exploration)
    } else {
        Err(TooManyStates {
            machine: machine.name().to_owned(),
            cap,
        })
    }
}
