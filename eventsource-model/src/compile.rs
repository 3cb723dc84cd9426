//! Compiler of machines: checks a spec and turns names into masks.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::machine::{EventRule, Machine, ReadRule};
use crate::{
    Accumulator, EventIndex, EventSpec, Formula, MAX_CLAUSES, MAX_EVENT_TYPES, MachineSpec,
    StateSet, UniqueField,
};

/// Mistake in a [`MachineSpec`].
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, SpecError};
///
/// let spec = MachineSpec::new("light", [EventSpec::new("LIT").follows(Formula::event("LID"))]);
/// let errors = Machine::compile(&spec).unwrap_err();
/// assert!(matches!(&errors.as_slice()[0], SpecError::UnknownEvent { name, .. } if name == "LID"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpecError {
    /// The machine has no event types.
    Empty,
    /// The machine has more than [`MAX_EVENT_TYPES`].
    TooManyEventTypes {
        /// Number of event types.
        actual: usize,
    },
    /// Two event types have the same name.
    DuplicateName {
        /// Name that occurs twice.
        name: String,
    },
    /// A rule names an event type that the machine does not have.
    UnknownEvent {
        /// Event type whose rule names it.
        event: String,
        /// The unknown name.
        name: String,
    },
    /// A `follows` formula has more than [`MAX_CLAUSES`] alternatives.
    FormulaTooLarge {
        /// Event type whose formula is too large.
        event: String,
    },
    /// A rule names a rejection, which leaves no trace in the state.
    NamesRejection {
        /// Event type whose rule names it.
        event: String,
        /// Name of the rejection.
        name: String,
    },
    /// A rejection has other rules than to follow any state and to keep it.
    RejectionRules {
        /// The rejection.
        event: String,
    },
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the machine has no event types"),
            Self::TooManyEventTypes { actual } => write!(
                f,
                "the machine has {actual} event types, at most {MAX_EVENT_TYPES} are allowed"
            ),
            Self::DuplicateName { name } => {
                write!(f, "two event types are named '{name}'")
            }
            Self::UnknownEvent { event, name } => {
                write!(
                    f,
                    "the rules of '{event}' name the unknown event type '{name}'"
                )
            }
            Self::FormulaTooLarge { event } => write!(
                f,
                "the `follows` of '{event}' has more than {MAX_CLAUSES} alternatives"
            ),
            Self::NamesRejection { event, name } => write!(
                f,
                "the rules of '{event}' name the rejection '{name}', which leaves no trace in the state"
            ),
            Self::RejectionRules { event } => write!(
                f,
                "the rejection '{event}' follows any state and keeps it: it takes no other rules"
            ),
        }
    }
}

impl std::error::Error for SpecError {}

/// Every mistake in a [`MachineSpec`], in declaration order; never empty.
///
/// ```
/// use eventsource_model::{Machine, MachineSpec};
///
/// let errors = Machine::compile(&MachineSpec::new("none", [])).unwrap_err();
/// assert_eq!(errors.to_string(), "the machine has no event types");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecErrors(Vec<SpecError>);

impl SpecErrors {
    /// Returns the errors, in declaration order.
    #[must_use]
    pub fn as_slice(&self) -> &[SpecError] {
        &self.0
    }
}

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecErrors {}

impl Machine {
    /// Builds the machine that `spec` describes.
    ///
    /// # Errors
    /// All [`SpecError`]s of the spec in one run.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Machine, MachineSpec};
    ///
    /// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
    /// assert_eq!(machine.name(), "light");
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    pub fn compile(spec: &MachineSpec) -> Result<Self, SpecErrors> {
        let mut errors = Vec::new();
        let count = spec.event_types.len();
        if count == 0 {
            errors.push(SpecError::Empty);
        }
        if count > MAX_EVENT_TYPES {
            return Err(SpecErrors(vec![SpecError::TooManyEventTypes {
                actual: count,
            }]));
        }
        let mut indexes: HashMap<&str, EventIndex> = HashMap::with_capacity(count);
        let events = || {
            (0..count)
                .filter_map(EventIndex::new)
                .zip(&spec.event_types)
        };
        for (index, event) in events() {
            if indexes.insert(&event.name, index).is_some() {
                errors.push(SpecError::DuplicateName {
                    name: event.name.clone(),
                });
            }
        }
        let members: StateSet = events().map(|(index, _)| index).collect();
        let mut rules = Vec::with_capacity(count);
        for (index, event) in events() {
            let mut resolve = |name: &String| {
                let (event, name) = (event.name.clone(), name.clone());
                match indexes.get(name.as_str()) {
                    None => Err(SpecError::UnknownEvent { event, name }),
                    Some(found) if spec.event_types[found.get()].rejection => {
                        Err(SpecError::NamesRejection { event, name })
                    }
                    Some(found) => Ok(*found),
                }
            };
            if event.rejection && !is_plain_rejection(event) {
                let event = event.name.clone();
                errors.push(SpecError::RejectionRules { event });
            }
            let follows = match &event.follows {
                None if event.rejection => Ok(any_state()),
                None => Ok(Formula::Nothing),
                Some(formula) => formula.try_map(&mut resolve),
            };
            let follows = follows.and_then(|formula| match formula.clauses_among(members) {
                Ok(clauses) => Ok((formula, clauses)),
                Err(_) => Err(vec![SpecError::FormulaTooLarge {
                    event: event.name.clone(),
                }]),
            });
            let by_default = match event.rejection {
                true => Accumulator::Keep,
                false => Accumulator::default(),
            };
            let accumulate = event.accumulate.clone().unwrap_or(by_default);
            match (follows, accumulate.try_map(&mut resolve)) {
                (Ok((follows, clauses)), Ok(accumulate)) => rules.push(EventRule {
                    name: Cow::Owned(event.name.clone()),
                    clauses: Cow::Owned(clauses),
                    follows,
                    update: accumulate.update(index),
                    accumulate,
                    restarting: event.restarting,
                    requires: event.requires.iter().cloned().map(Cow::Owned).collect(),
                    auto_transition: event.auto_transition,
                    terminal: event.terminal,
                    roles: event.roles.iter().cloned().map(Cow::Owned).collect(),
                    readers: event.readers.iter().cloned().map(Cow::Owned).collect(),
                    // Nobody else knows when its time has come.
                    internal: event.internal || event.timer.is_some(),
                    rejection: event.rejection,
                    timer: event.timer.clone(),
                }),
                (follows, accumulate) => {
                    errors.extend(follows.err().into_iter().flatten());
                    errors.extend(accumulate.err().into_iter().flatten());
                }
            }
        }
        let mut unique = Vec::with_capacity(spec.unique.len());
        for field in &spec.unique {
            let mut set_by = Vec::with_capacity(field.set_by.len());
            for from in &field.set_by {
                match indexes.get(from.event.as_str()) {
                    Some(event) => set_by.push((*event, Cow::Owned(from.field.clone()))),
                    None => errors.push(SpecError::UnknownEvent {
                        event: format!("unique({})", field.field),
                        name: from.event.clone(),
                    }),
                }
            }
            unique.push(UniqueField {
                name: Cow::Owned(field.field.clone()),
                set_by: Cow::Owned(set_by),
            });
        }
        if errors.is_empty() {
            Ok(Self::from_table_with(
                Cow::Owned(spec.name.clone()),
                Cow::Owned(rules),
                ReadRule {
                    readers: spec.readers.iter().cloned().map(Cow::Owned).collect(),
                    public: spec.public,
                },
                Cow::Owned(unique),
            ))
        } else {
            Err(SpecErrors(errors))
        }
    }
}

/// Builds the formula of `any_state`: something has happened.
fn any_state<E: Clone>() -> Formula<E> {
    Formula::but_not(Formula::Nothing)
}

/// Returns whether the rules of a rejection are left out, or are those that it has anyway.
fn is_plain_rejection(event: &EventSpec) -> bool {
    let follows = event.follows.as_ref();
    follows.is_none_or(|follows| *follows == any_state())
        && event
            .accumulate
            .as_ref()
            .is_none_or(|kept| *kept == Accumulator::Keep)
        && event.timer.is_none()
        && !(event.restarting || event.auto_transition || event.terminal)
}
