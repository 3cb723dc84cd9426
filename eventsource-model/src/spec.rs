//! Spec: a machine as its author writes it, by names.

use crate::{Accumulator, Formula, Timer, UniqueSpec};

/// Machine before it is compiled: event types by name, in declaration order.
///
/// With the `serde` feature it reads and writes the JSON form
/// `{"name", "read_by", "public", "unique", "event_types": [{"name", "follows", "accumulate", "restarting",
/// "requires", "auto_transition", "terminal", "by", "read_by", "internal", "rejection", "timer"}]}`.
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
    /// Name of the machine.
    pub name: String,
    /// Roles that may read entities and events; everyone may if empty. In JSON `"read_by"`.
    #[cfg_attr(feature = "serde", serde(default, rename = "read_by"))]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub readers: Vec<String>,
    /// Whether reads need no actor even where there are actors.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_false"))]
    pub public: bool,
    /// Fields of the data that no two entities have the same value in.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub unique: Vec<UniqueSpec>,
    /// Event types, in declaration order.
    pub event_types: Vec<EventSpec>,
}

impl MachineSpec {
    /// Creates a machine of these event types, in declaration order.
    pub fn new(name: impl Into<String>, event_types: impl IntoIterator<Item = EventSpec>) -> Self {
        Self {
            name: name.into(),
            readers: Vec::new(),
            public: false,
            unique: Vec::new(),
            event_types: event_types.into_iter().collect(),
        }
    }

    /// Sets the roles that may read entities and events.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Machine, MachineSpec};
    ///
    /// let spec = MachineSpec::new("order", [EventSpec::new("PLACED")]).read_by(["clerk"]);
    /// let machine = Machine::compile(&spec)?;
    /// assert!(machine.may_read(&["clerk"]) && !machine.may_read(&["customer"]));
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn read_by<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.readers = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a field that no two entities have the same value in.
    #[must_use]
    pub fn unique(mut self, field: UniqueSpec) -> Self {
        self.unique.push(field);
        self
    }

    /// Marks the machine as one that everybody may read, also without an actor.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Removes what concerns readers, callers and timers only, so that the rules remain that a database
    /// enforces: those of the [`Fingerprint`](crate::Fingerprint), and the roles of writers.
    #[must_use]
    pub fn without_reading(mut self) -> Self {
        self.readers.clear();
        self.public = false;
        for event in &mut self.event_types {
            event.readers.clear();
            event.internal = false;
            event.rejection = false;
            event.timer = None;
        }
        self
    }
}

#[cfg(feature = "serde")]
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Rules of one event type, by names.
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
#[allow(clippy::struct_excessive_bools, reason = "each is a word of the rule")]
pub struct EventSpec {
    /// Name as stored and shown.
    pub name: String,
    /// Formula that says when the event is legal; `None` is [`Formula::Nothing`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub follows: Option<Formula<String>>,
    /// Accumulator that says how the event changes the state; `None` is [`Accumulator::Current`].
    #[cfg_attr(feature = "serde", serde(default))]
    pub accumulate: Option<Accumulator<String>>,
    /// Whether the event begins a new generation of the entity.
    #[cfg_attr(feature = "serde", serde(default))]
    pub restarting: bool,
    /// Payload fields that must have a value.
    #[cfg_attr(feature = "serde", serde(default))]
    pub requires: Vec<String>,
    /// Whether the store writes the event by itself as soon as it is legal.
    #[cfg_attr(feature = "serde", serde(default))]
    pub auto_transition: bool,
    /// Whether the entity's life is meant to end with the event.
    #[cfg_attr(feature = "serde", serde(default))]
    pub terminal: bool,
    /// Roles that may write the event; everyone may if empty. In JSON `"by"`.
    #[cfg_attr(feature = "serde", serde(default, rename = "by"))]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub roles: Vec<String>,
    /// Roles that may see the fields; everyone may if empty. In JSON `"read_by"`.
    #[cfg_attr(feature = "serde", serde(default, rename = "read_by"))]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub readers: Vec<String>,
    /// Whether only the program itself writes the event, and no client.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_false"))]
    pub internal: bool,
    /// Whether the event records a refusal: it follows any state and keeps it, and no rule names it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_false"))]
    pub rejection: bool,
    /// When the event is written by itself, if it is.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub timer: Option<Timer>,
}

impl EventSpec {
    /// Creates an event type with the defaults: it is the first event, and it replaces the state.
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
            readers: Vec::new(),
            internal: false,
            rejection: false,
            timer: None,
        }
    }

    /// Sets the formula that says when the event is legal.
    #[must_use]
    pub fn follows(mut self, formula: Formula<String>) -> Self {
        self.follows = Some(formula);
        self
    }

    /// Sets the accumulator that says how the event changes the state.
    #[must_use]
    pub fn accumulate(mut self, accumulator: Accumulator<String>) -> Self {
        self.accumulate = Some(accumulator);
        self
    }

    /// Sets the payload fields that must have a value.
    #[must_use]
    pub fn requires<S: Into<String>>(mut self, fields: impl IntoIterator<Item = S>) -> Self {
        self.requires = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Marks the event as the beginning of a new generation of the entity.
    #[must_use]
    pub fn restarting(mut self) -> Self {
        self.restarting = true;
        self
    }

    /// Marks the event as one that the store writes by itself as soon as it is legal.
    #[must_use]
    pub fn auto_transition(mut self) -> Self {
        self.auto_transition = true;
        self
    }

    /// Marks the event as the end of the entity's life.
    #[must_use]
    pub fn terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    /// Sets the roles that may write the event.
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

    /// Sets the roles that may see the fields of the event.
    ///
    /// ```
    /// use eventsource_model::EventSpec;
    ///
    /// let rated = EventSpec::new("RATED").read_by(["manager"]);
    /// assert_eq!(rated.readers, ["manager"]);
    /// ```
    #[must_use]
    pub fn read_by<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.readers = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Marks the event as one that only the program itself writes, and no client.
    #[must_use]
    pub fn internal(mut self) -> Self {
        self.internal = true;
        self
    }

    /// Marks the event as the record of a refusal: it follows any state, and keeps it.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Machine, MachineSpec};
    ///
    /// let machine = Machine::compile(&MachineSpec::new("order", [
    ///     EventSpec::new("PLACED"),
    ///     EventSpec::new("REFUSED").rejection(),
    /// ]))?;
    /// let placed = machine.state_of(["PLACED"]).unwrap();
    /// let refused = machine.index_of("REFUSED").unwrap();
    /// assert_eq!(machine.validate(refused, placed), Ok(placed));
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn rejection(mut self) -> Self {
        self.rejection = true;
        self
    }

    /// Lets the event be written by itself when it has been legal for this many seconds.
    #[must_use]
    pub fn after(mut self, seconds: u64) -> Self {
        self.timer = Some(Timer::After { seconds });
        self
    }

    /// Lets the event be written by itself when it is legal and the time in this field of the
    /// entity's data has come.
    ///
    /// ```
    /// use eventsource_model::EventSpec;
    ///
    /// let overdue = EventSpec::new("OVERDUE").at("deadline");
    /// assert_eq!(overdue.timer.unwrap().to_string(), "at deadline");
    /// ```
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.timer = Some(Timer::At {
            field: field.into().into(),
        });
        self
    }
}
