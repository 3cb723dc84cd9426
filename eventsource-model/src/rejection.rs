//! Rejection: the reason why an event is not legal.

use std::fmt;

/// Reason why the rules do not allow an event in a state.
///
/// The messages are those of microcosm-eventsource.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, Rejection};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// let lit = machine.index_of("LIT").unwrap();
/// let state = machine.state_of(["LIT"]).unwrap();
/// let rejection = machine.validate(lit, state).unwrap_err();
/// assert_eq!(rejection.to_string(), "Event type 'LIT' may not follow [LIT]");
/// assert_eq!(rejection.legal(), ["DIMMED"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The state is empty and the event is not initial.
    ///
    /// The empty state decides, not the absence of earlier events.
    IllegalInitialState {
        /// Event type that was rejected.
        event: String,
        /// Event types that are legal in the state, in declaration order.
        legal: Vec<String>,
    },
    /// The event may not follow this state.
    IllegalStateTransition {
        /// Event type that was rejected.
        event: String,
        /// Names in the state, sorted.
        state: Vec<String>,
        /// Event types that are legal in the state, in declaration order.
        legal: Vec<String>,
    },
}

impl Rejection {
    /// Returns the event type that was rejected.
    #[must_use]
    pub fn event(&self) -> &str {
        match self {
            Self::IllegalInitialState { event, .. }
            | Self::IllegalStateTransition { event, .. } => event,
        }
    }

    /// Returns the names in the state, sorted; none for an initial state.
    #[must_use]
    pub fn state(&self) -> &[String] {
        match self {
            Self::IllegalInitialState { .. } => &[],
            Self::IllegalStateTransition { state, .. } => state,
        }
    }

    /// Returns the event types that are legal in the state, in declaration order.
    #[must_use]
    pub fn legal(&self) -> &[String] {
        match self {
            Self::IllegalInitialState { legal, .. }
            | Self::IllegalStateTransition { legal, .. } => legal,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalInitialState { event, .. } => {
                write!(f, "Event type '{event}' may not be initial")
            }
            Self::IllegalStateTransition { event, state, .. } => {
                write!(
                    f,
                    "Event type '{event}' may not follow [{}]",
                    state.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for Rejection {}
