//! A machine as its author writes it, by names.

use crate::{Accumulator, Formula};

/// A machine before it is compiled: event types by name, in declaration order.
///
/// With the `serde` feature it reads and writes the JSON form
/// `{"name", "event_types": [{"name", "follows", "accumulate", "restarting", "requires",
/// "auto_transition", "terminal", "by"}]}`.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let spec = MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]);
/// assert_eq!(Machine::compile(&spec)?.len(), 2);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MachineSpec {
    /// What the machine is called.
    pub name: String,
    /// The event types, in declaration order.
    pub event_types: Vec<EventSpec>,
}

impl MachineSpec {
    /// A machine of these event types, in declaration order.
    pub fn new(name: impl Into<String>, event_types: impl IntoIterator<Item = EventSpec>) -> Self {
        Self {
            name: name.into(),
            event_types: event_types.into_iter().collect(),
        }
    }
}

/// The rules of one event type, by names.
///
/// ```
/// use eventsource_model::{Accumulator, EventSpec, Formula};
///
/// let revised = EventSpec::new("REVISED")
///     .follows(Formula::any_of([Formula::event("CREATED"), Formula::event("STARTED")]))
///     .accumulate(Accumulator::Alias("CREATED".into()))
///     .restarting();
/// assert!(revised.restarting);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EventSpec {
    /// The name that is stored and shown.
    pub name: String,
    /// When the event is legal; `None` is [`Formula::Nothing`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub follows: Option<Formula<String>>,
    /// How the event changes the state; `None` is [`Accumulator::Current`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub accumulate: Option<Accumulator<String>>,
    /// Whether the event begins a new version of the entity.
    #[cfg_attr(feature = "serde", serde(default))]
    pub restarting: bool,
    /// The payload fields that must have a value.
    #[cfg_attr(feature = "serde", serde(default))]
    pub requires: Vec<String>,
    /// Whether the event is written by itself as soon as it is legal.
    #[cfg_attr(feature = "serde", serde(default))]
    pub auto_transition: bool,
    /// Whether the author means the entity's life to end here.
    #[cfg_attr(feature = "serde", serde(default))]
    pub terminal: bool,
    /// Who may write the event; everyone if empty. In JSON `"by"`.
    #[cfg_attr(feature = "serde", serde(default, rename = "by"))]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub roles: Vec<String>,
}

impl EventSpec {
    /// An event type with microcosm's defaults: it follows nothing, and its state is itself.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            follows: None,
            accumulate: None,
            restarting: false,
            requires: Vec::new(),
            auto_transition: false,
            terminal: false,
            roles: Vec::new(),
        }
    }

    /// When the event is legal.
    #[must_use]
    pub fn follows(mut self, formula: Formula<String>) -> Self {
        self.follows = Some(formula);
        self
    }

    /// How the event changes the state.
    #[must_use]
    pub fn accumulate(mut self, accumulator: Accumulator<String>) -> Self {
        self.accumulate = Some(accumulator);
        self
    }

    /// The payload fields that must have a value.
    #[must_use]
    pub fn requires<S: Into<String>>(mut self, fields: impl IntoIterator<Item = S>) -> Self {
        self.requires = fields.into_iter().map(Into::into).collect();
        self
    }

    /// The event begins a new version of the entity.
    #[must_use]
    pub fn restarting(mut self) -> Self {
        self.restarting = true;
        self
    }

    /// The event is written by itself as soon as it is legal.
    #[must_use]
    pub fn auto_transition(mut self) -> Self {
        self.auto_transition = true;
        self
    }

    /// The entity's life ends here.
    #[must_use]
    pub fn terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    /// Only these roles may write the event.
    ///
    /// ```
    /// use eventsource_model::EventSpec;
    ///
    /// let approved = EventSpec::new("APPROVED").by(["manager", "admin"]);
    /// assert_eq!(approved.roles, ["manager", "admin"]);
    /// ```
    #[must_use]
    pub fn by<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }
}
