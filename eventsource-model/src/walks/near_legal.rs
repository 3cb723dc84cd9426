use super::Walk;
use crate::{EventIndex, Machine, Rejection, StateSet};

/// Legal walk followed by one event that is illegal.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let walks: Vec<_> = machine.walks(100).near_legal().collect();
/// assert_eq!(walks.len(), 1);
/// assert_eq!(walks[0].legal().events().count(), 1);
/// assert_eq!(machine.name_of(walks[0].illegal()), "LIT");
/// let rejection = walks[0].rejection(&machine).unwrap();
/// assert_eq!(rejection.to_string(), "Event type 'LIT' may not follow [LIT]");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearLegalWalk {
    legal: Walk,
    illegal: EventIndex,
}

impl NearLegalWalk {
    pub(super) fn new(legal: Walk, illegal: EventIndex) -> Self {
        Self { legal, illegal }
    }

    /// Returns the legal part.
    #[must_use]
    pub fn legal(&self) -> &Walk {
        &self.legal
    }

    /// Returns the event that is illegal after the legal part.
    #[must_use]
    pub fn illegal(&self) -> EventIndex {
        self.illegal
    }

    /// Returns the state in which the event is illegal.
    #[must_use]
    pub fn state(&self) -> StateSet {
        self.legal.state()
    }

    /// Returns the machine's rejection of the event; `None` if it is another machine, which allows
    /// it.
    ///
    /// # Panics
    /// If the event is not of this machine.
    #[must_use]
    pub fn rejection(&self, machine: &Machine) -> Option<Rejection> {
        machine.validate(self.illegal, self.state()).err()
    }
}
