//! Compiled machine: a table of rules as masks.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::{
    Accumulator, Clause, EventIndex, EventSpec, Formula, MachineSpec, StateSet, Timer, UniqueField,
    UniqueSpec, Update,
};

/// Compiled rules of one event type.
///
/// Part of a [`Machine`], which keeps the masks in agreement with the formula and the accumulator.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec};
///
/// let spec = MachineSpec::new("task", [EventSpec::new("ASSIGNED").requires(["assignee"])]);
/// let machine = Machine::compile(&spec)?;
/// let (_, rule) = machine.rules().next().unwrap();
/// assert_eq!(rule.requires.as_ref(), ["assignee"]);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word of the rule")]
pub struct EventRule {
    /// Name as stored and shown.
    pub name: Cow<'static, str>,
    /// Formula as its author wrote it: when the event is legal.
    pub follows: Formula,
    /// Formula as masks: the event is legal if some clause holds.
    pub clauses: Cow<'static, [Clause]>,
    /// Accumulator as its author wrote it: how the event changes the state.
    pub accumulate: Accumulator,
    /// Accumulator as masks.
    pub update: Update,
    /// Whether the event begins a new generation of the entity.
    pub restarting: bool,
    /// Whether the store writes the event by itself as soon as it is legal.
    pub auto_transition: bool,
    /// Whether the entity's life is meant to end with the event.
    pub terminal: bool,
    /// Payload fields that must have a value, in the author's order.
    pub requires: Cow<'static, [Cow<'static, str>]>,
    /// Roles that may write the event, in the author's order; everyone may if empty.
    pub roles: Cow<'static, [Cow<'static, str>]>,
    /// Roles that may see the fields, in the author's order; everyone may if empty.
    pub readers: Cow<'static, [Cow<'static, str>]>,
    /// Whether only the program itself writes the event, and no client.
    pub internal: bool,
    /// Whether the event records a refusal, which leaves the state as it was.
    pub rejection: bool,
    /// When the event is written by itself, if it is.
    pub timer: Option<Timer>,
}

impl EventRule {
    /// Returns whether an actor with these roles may write the event, whatever the state.
    ///
    /// One of the roles that the rule names is enough; if it names none, every actor may.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Machine, MachineSpec};
    ///
    /// let approved = EventSpec::new("APPROVED").by(["manager", "admin"]);
    /// let machine = Machine::compile(&MachineSpec::new("order", [approved]))?;
    /// let (_, rule) = machine.rules().next().unwrap();
    /// assert!(rule.allows(&["clerk", "admin"]));
    /// assert!(!rule.allows(&["clerk"]));
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn allows<S: AsRef<str>>(&self, roles: &[S]) -> bool {
        allows(&self.roles, roles)
    }

    /// Returns whether a reader with these roles may see the fields of the event.
    ///
    /// One of the roles that the rule names is enough; if it names none, every reader may.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Machine, MachineSpec};
    ///
    /// let rated = EventSpec::new("RATED").read_by(["manager"]);
    /// let machine = Machine::compile(&MachineSpec::new("order", [rated]))?;
    /// let (_, rule) = machine.rules().next().unwrap();
    /// assert!(rule.may_read(&["clerk", "manager"]) && !rule.may_read(&["clerk"]));
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn may_read<S: AsRef<str>>(&self, roles: &[S]) -> bool {
        allows(&self.readers, roles)
    }
}

/// Returns whether one of `roles` is among the `named` ones, or none is named.
fn allows<S: AsRef<str>>(named: &[Cow<'static, str>], roles: &[S]) -> bool {
    let is_own = |role: &Cow<str>| roles.iter().any(|own| own.as_ref() == role);
    named.is_empty() || named.iter().any(is_own)
}

/// Rule of who may read the entities and events of a machine.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRule {
    /// Roles that may read, in the author's order; everyone may if empty.
    pub readers: Cow<'static, [Cow<'static, str>]>,
    /// Whether reads need no actor even where there are actors.
    pub public: bool,
}

impl ReadRule {
    /// Rule that names no roles.
    pub const OPEN: Self = Self {
        readers: Cow::Borrowed(&[]),
        public: false,
    };
}

/// Event-sourced state machine: a name and the rules of its event types.
///
/// Built by [`Machine::compile`] from data or, as a constant, by `#[derive(Event)]`.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, StateSet};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// let dimmed = machine.index_of("DIMMED").unwrap();
/// assert!(!machine.may_follow(dimmed, StateSet::EMPTY));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    name: Cow<'static, str>,
    rules: Cow<'static, [EventRule]>,
    reading: ReadRule,
    unique: Cow<'static, [UniqueField]>,
}

impl Machine {
    /// Wraps a table of rules. For generated code and the compiler of specs, which keep masks and
    /// formulas in agreement.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_table(
        name: Cow<'static, str>,
        rules: Cow<'static, [EventRule]>,
        reading: ReadRule,
    ) -> Self {
        Self::from_table_with(name, rules, reading, Cow::Borrowed(&[]))
    }

    /// As [`from_table`](Self::from_table), with unique fields.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_table_with(
        name: Cow<'static, str>,
        rules: Cow<'static, [EventRule]>,
        reading: ReadRule,
        unique: Cow<'static, [UniqueField]>,
    ) -> Self {
        Self {
            name,
            rules,
            reading,
            unique,
        }
    }

    /// Returns the fields that no two entities have the same value in.
    #[doc(hidden)]
    #[must_use]
    pub fn unique_fields(&self) -> &[UniqueField] {
        &self.unique
    }

    /// Returns the rules, also in a constant.
    pub(crate) const fn table(&self) -> &[EventRule] {
        match &self.rules {
            Cow::Borrowed(rules) => rules,
            Cow::Owned(rules) => rules.as_slice(),
        }
    }

    /// Returns the name of the machine: the entity type, such as `task`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the roles that may read entities and events, in the author's order; everyone may if
    /// empty.
    #[must_use]
    pub fn readers(&self) -> &[Cow<'static, str>] {
        &self.reading.readers
    }

    /// Returns whether reads need no actor even where there are actors.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.reading.public
    }

    /// Returns whether a reader with these roles may read entities and events; one of the roles that
    /// the machine names is enough.
    #[must_use]
    pub fn may_read<S: AsRef<str>>(&self, roles: &[S]) -> bool {
        allows(&self.reading.readers, roles)
    }

    /// Returns the rule of who may read, to build a machine with the same.
    #[doc(hidden)]
    #[must_use]
    pub const fn read_rule(&self) -> &ReadRule {
        &self.reading
    }

    /// Returns the number of event types, 1 to 64.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Returns false: a machine has at least one event type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Iterates over the event types with their rules, in declaration order.
    pub fn rules(&self) -> impl Iterator<Item = (EventIndex, &EventRule)> {
        (0..self.len())
            .filter_map(EventIndex::new)
            .zip(self.rules.iter())
    }

    /// Iterates over the event types, in declaration order.
    pub fn events(&self) -> impl Iterator<Item = EventIndex> + use<> {
        (0..self.len()).filter_map(EventIndex::new)
    }

    /// Returns the rules of one event type.
    ///
    /// # Panics
    /// If `event` is not of this machine.
    #[must_use]
    pub fn rule(&self, event: EventIndex) -> &EventRule {
        &self.rules[event.get()]
    }

    /// Returns the event types that record a refusal.
    #[must_use]
    pub fn rejections(&self) -> StateSet {
        let rules = self.rules().filter(|(_, rule)| rule.rejection);
        rules.map(|(event, _)| event).collect()
    }

    /// Returns the event types that are written by themselves when their time has come.
    #[must_use]
    pub fn timed(&self) -> StateSet {
        let rules = self.rules().filter(|(_, rule)| rule.timer.is_some());
        rules.map(|(event, _)| event).collect()
    }

    /// Finds the event type with this name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<EventIndex> {
        self.rules()
            .find(|(_, rule)| rule.name == name)
            .map(|(event, _)| event)
    }

    /// Returns the name of an event type.
    ///
    /// # Panics
    /// If `event` is not of this machine.
    #[must_use]
    pub fn name_of(&self, event: EventIndex) -> &str {
        &self.rule(event).name
    }

    /// Writes a formula by names, in operators: `CREATED & !ASSIGNED`.
    pub(crate) fn formula_text(&self, formula: &Formula) -> String {
        let mut name = |event: &EventIndex| Ok::<_, Infallible>(self.name_of(*event).to_owned());
        let named = formula.try_map(&mut name);
        // Naming cannot fail.
        named.map_or_else(|_| String::new(), |formula| formula.to_string())
    }

    /// Returns the names in a state, sorted by code point.
    ///
    /// # Panics
    /// If the state has event types that are not of this machine.
    #[must_use]
    pub fn names(&self, state: StateSet) -> Vec<&str> {
        let mut names: Vec<&str> = state.iter().map(|event| self.name_of(event)).collect();
        names.sort_unstable();
        names
    }

    /// Returns the state that consists of these event types.
    ///
    /// # Errors
    /// The first name that is not an event type.
    pub fn state_of<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<StateSet, &'a str> {
        names
            .into_iter()
            .map(|name| self.index_of(name).ok_or(name))
            .collect()
    }

    fn unique_spec(&self, field: &UniqueField) -> UniqueSpec {
        let set_by = field.set_by.iter();
        set_by.fold(UniqueSpec::new(&*field.name), |spec, (event, from)| {
            spec.set_by(self.name_of(*event), &**from)
        })
    }

    /// Converts the machine back to data, by names.
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
    ///
    /// let spec = MachineSpec::new("light", [EventSpec::new("LIT").follows(Formula::Nothing)]);
    /// assert_eq!(Machine::compile(&spec)?.to_spec().event_types[0].name, "LIT");
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    #[must_use]
    pub fn to_spec(&self) -> MachineSpec {
        let mut name = |event: &EventIndex| Ok::<_, Infallible>(self.name_of(*event).to_owned());
        let event_types = self.rules.iter().map(|rule| EventSpec {
            name: rule.name.clone().into_owned(),
            // Renaming cannot fail here, so both are always given.
            follows: rule.follows.try_map(&mut name).ok(),
            accumulate: rule.accumulate.try_map(&mut name).ok(),
            restarting: rule.restarting,
            requires: rule.requires.iter().map(ToString::to_string).collect(),
            auto_transition: rule.auto_transition,
            terminal: rule.terminal,
            roles: rule.roles.iter().map(ToString::to_string).collect(),
            readers: rule.readers.iter().map(ToString::to_string).collect(),
            internal: rule.internal,
            rejection: rule.rejection,
            timer: rule.timer.clone(),
        });
        MachineSpec {
            readers: self.readers().iter().map(ToString::to_string).collect(),
            public: self.is_public(),
            unique: self
                .unique
                .iter()
                .map(|field| self.unique_spec(field))
                .collect(),
            ..MachineSpec::new(self.name(), event_types)
        }
    }
}
