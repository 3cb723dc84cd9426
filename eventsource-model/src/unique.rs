//! Unique fields: no two entities have the same value in one.

use std::borrow::Cow;

use crate::EventIndex;

/// Field of the data of an entity that no two entities have the same value in, with the payload
/// fields that set it.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueField {
    /// Name of the field of the data.
    pub name: Cow<'static, str>,
    /// Event types that set it, each with the field of its payload.
    pub set_by: Cow<'static, [(EventIndex, Cow<'static, str>)]>,
}

/// Field that no two entities have the same value in, by names.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, UniqueSpec};
///
/// let spec = MachineSpec::new("user", [EventSpec::new("REGISTERED")])
///     .unique(UniqueSpec::new("email").set_by("REGISTERED", "email"));
/// let machine = Machine::compile(&spec)?;
/// assert_eq!(machine.to_spec().unique, spec.unique);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct UniqueSpec {
    /// Name of the field of the data.
    pub field: String,
    /// Payload fields that set it, at most one of each event type.
    pub set_by: Vec<SetBy>,
}

/// Payload field that sets a unique field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SetBy {
    /// Name of the event type.
    pub event: String,
    /// Name of the field of its payload.
    pub field: String,
}

impl UniqueSpec {
    /// Creates a unique field that nothing sets yet.
    pub fn new(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            set_by: Vec::new(),
        }
    }

    /// Adds the field of a payload that sets it.
    #[must_use]
    pub fn set_by(mut self, event: impl Into<String>, field: impl Into<String>) -> Self {
        self.set_by.push(SetBy {
            event: event.into(),
            field: field.into(),
        });
        self
    }
}
