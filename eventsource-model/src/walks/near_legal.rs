use super::Walk;
use crate::{EventIndex, Machine, Rejection, StateSet};

/// A legal walk and then one event that is illegal.
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

    /// What is legal.
    #[must_use]
    pub fn legal(&self) -> &Walk {
        &self.legal
    }

    /// The event that is not legal then.
    #[must_use]
    pub fn illegal(&self) -> EventIndex {
        self.illegal
    }

    /// The state in which the event is illegal.
    #[must_use]
    pub fn state(&self) -> StateSet {
        self.legal.state()
    }

    /// How the machine refuses the event; `None` if it is another machine, which does not.
    ///
    /// # Panics
    /// If the event is not of this machine.
    #[must_use]
    pub fn rejection(&self, machine: &Machine) -> Option<Rejection> {
        machine.validate(self.illegal, self.state()).err()
    }
}
