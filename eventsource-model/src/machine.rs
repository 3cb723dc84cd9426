//! The compiled machine: a table of masks.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::{Accumulator, Clause, EventIndex, EventSpec, Formula, MachineSpec, StateSet, Update};

/// The rules of one event type, compiled.
///
/// Read it from a [`Machine`]; the masks always agree with the formula and the accumulator there.
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
pub struct EventRule {
    /// The name that is stored and shown.
    pub name: Cow<'static, str>,
    /// When the event is legal, as its author wrote it.
    pub follows: Formula,
    /// When the event is legal, as masks: in some clause.
    pub clauses: Cow<'static, [Clause]>,
    /// How the event changes the state, as its author wrote it.
    pub accumulate: Accumulator,
    /// How the event changes the state, as masks.
    pub update: Update,
    /// Whether the event begins a new version of the entity.
    pub restarting: bool,
    /// Whether the event is written by itself as soon as it is legal.
    pub auto_transition: bool,
    /// Whether the author means the entity's life to end here.
    pub terminal: bool,
    /// The payload fields that must have a value, as the author listed them.
    pub requires: Cow<'static, [Cow<'static, str>]>,
    /// Who may write the event, as the author listed them; everyone if empty.
    pub roles: Cow<'static, [Cow<'static, str>]>,
}

impl EventRule {
    /// Whether someone with these roles may write the event, whatever the state: one of those that it
    /// names is enough, and none is needed if it names none.
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
        self.roles.is_empty()
            || (self.roles.iter()).any(|role| roles.iter().any(|own| own.as_ref() == role))
    }
}

/// An event-sourced state machine: a name and the rules of its event types.
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
}

impl Machine {
    /// For generated code and the compiler of specs, which keep masks and formulas in agreement.
    #[doc(hidden)]
    #[must_use]
    pub const fn from_table(name: Cow<'static, str>, rules: Cow<'static, [EventRule]>) -> Self {
        Self { name, rules }
    }

    /// The rules, in a constant.
    pub(crate) const fn table(&self) -> &[EventRule] {
        match &self.rules {
            Cow::Borrowed(rules) => rules,
            Cow::Owned(rules) => rules.as_slice(),
        }
    }

    /// What the machine is called: the entity, such as `task`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many event types there are, 1 to 64.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Always false: a machine has at least one event type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The event types with their rules, in declaration order.
    pub fn rules(&self) -> impl Iterator<Item = (EventIndex, &EventRule)> {
        (0..self.len())
            .filter_map(EventIndex::new)
            .zip(self.rules.iter())
    }

    /// The event types, in declaration order.
    pub fn events(&self) -> impl Iterator<Item = EventIndex> + use<> {
        (0..self.len()).filter_map(EventIndex::new)
    }

    /// The rules of one event type.
    ///
    /// # Panics
    /// If `event` is not of this machine.
    #[must_use]
    pub fn rule(&self, event: EventIndex) -> &EventRule {
        &self.rules[event.get()]
    }

    /// The event type of this name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<EventIndex> {
        self.rules()
            .find(|(_, rule)| rule.name == name)
            .map(|(event, _)| event)
    }

    /// The name of an event type.
    ///
    /// # Panics
    /// If `event` is not of this machine.
    #[must_use]
    pub fn name_of(&self, event: EventIndex) -> &str {
        &self.rule(event).name
    }

    /// A formula by names, in operators: `CREATED & !ASSIGNED`.
    pub(crate) fn formula_text(&self, formula: &Formula) -> String {
        let mut name = |event: &EventIndex| Ok::<_, Infallible>(self.name_of(*event).to_owned());
        let named = formula.try_map(&mut name);
        // Naming cannot fail.
        named.map_or_else(|_| String::new(), |formula| formula.to_string())
    }

    /// The names in a state, sorted by code point as microcosm sorts them.
    ///
    /// # Panics
    /// If the state has event types that are not of this machine.
    #[must_use]
    pub fn names(&self, state: StateSet) -> Vec<&str> {
        let mut names: Vec<&str> = state.iter().map(|event| self.name_of(event)).collect();
        names.sort_unstable();
        names
    }

    /// The state of these names, or the first name that is not an event type.
    ///
    /// # Errors
    /// The unknown name.
    pub fn state_of<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<StateSet, &'a str> {
        names
            .into_iter()
            .map(|name| self.index_of(name).ok_or(name))
            .collect()
    }

    /// The machine as data again, by names.
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
        });
        MachineSpec::new(self.name(), event_types)
    }
}
