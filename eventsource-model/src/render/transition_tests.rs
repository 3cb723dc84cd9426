use std::fmt::{self, Write};

use crate::findings::DEFAULT_MAX_STATES;
use crate::{EventIndex, Machine, Walk};

/// Line width of rustfmt, which does not format macros with a syntax of their own.
const WIDTH: usize = 100;

/// Writes Rust source that checks every step of a machine at compile time.
///
/// Paste it beside the enum: a later change of the rules that forbids one of these histories, or
/// leads it to another state, does not compile.
///
/// Each of [`Walks::covering`](crate::Walks::covering) becomes a `transitions!` that also names the
/// state at its end. `enum_name` is the path of the enum of events.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("PUT_OUT").follows(Formula::event("LIT")),
/// ]))?;
/// let tests = render::transition_tests(&machine, "LightEvent").variants(["Lit", "PutOut"]);
/// assert_eq!(tests.to_string(), "\
/// transitions!(LightEvent: Lit -> PutOut => {PutOut});
/// ");
/// assert_eq!(tests.with_illegal().to_string(), "\
/// transitions!(LightEvent: Lit -> PutOut => {PutOut});
///
/// transitions!(LightEvent: -/-> PutOut);
/// transitions!(LightEvent: Lit -/-> Lit);
/// transitions!(LightEvent: Lit -> PutOut -/-> Lit);
/// transitions!(LightEvent: Lit -> PutOut -/-> PutOut);
/// ");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[must_use]
pub fn transition_tests<'a>(machine: &'a Machine, enum_name: &str) -> TransitionTests<'a> {
    TransitionTests {
        machine,
        enum_name: enum_name.to_owned(),
        variants: Vec::new(),
        max_states: DEFAULT_MAX_STATES,
        illegal: false,
    }
}

/// Source text of compile-time tests, written by [`transition_tests`] and displayed.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let tests = render::transition_tests(&machine, "LightEvent").variants(["Lit"]);
/// assert_eq!(tests.to_string(), "transitions!(LightEvent: Lit => {Lit});\n");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransitionTests<'a> {
    machine: &'a Machine,
    enum_name: String,
    variants: Vec<String>,
    max_states: usize,
    illegal: bool,
}

impl TransitionTests<'_> {
    /// Sets the names of the variants, in declaration order.
    ///
    /// A machine knows only stored names, which are used where none is given.
    #[must_use]
    pub fn variants<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.variants = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the largest number of states to explore, 4096 by default; a comment in the text says if
    /// there are more.
    #[must_use]
    pub fn max_states(mut self, most: usize) -> Self {
        self.max_states = most;
        self
    }

    /// Adds [`Walks::near_legal`](crate::Walks::near_legal): every illegal event is tested in every
    /// state.
    #[must_use]
    pub fn with_illegal(mut self) -> Self {
        self.illegal = true;
        self
    }

    fn name(&self, event: EventIndex) -> &str {
        match self.variants.get(event.get()) {
            Some(variant) => variant,
            None => self.machine.name_of(event),
        }
    }

    /// Writes `A -> B -> C`, in parts that stay together in a line.
    fn path(&self, walk: &Walk) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for event in walk.events() {
            let arrow = if parts.is_empty() { "" } else { "-> " };
            parts.push(format!("{arrow}{}", self.name(event)));
        }
        parts
    }

    fn write_test(&self, f: &mut fmt::Formatter<'_>, parts: &[String]) -> fmt::Result {
        let mut line = format!("transitions!({}:", self.enum_name);
        for part in parts {
            // What closes the macro must fit, too.
            if line.len() + 1 + part.len() + ");".len() > WIDTH {
                writeln!(f, "{line}")?;
                line = "   ".to_owned();
            }
            write!(line, " {part}")?;
        }
        writeln!(f, "{line});")
    }
}

impl fmt::Display for TransitionTests<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let walks = self.machine.walks(self.max_states);
        if !walks.is_complete() {
            let (name, most) = (self.machine.name(), self.max_states);
            writeln!(f, "// Not all of '{name}': it has more than {most} states.")?;
        }
        for walk in walks.covering() {
            let mut parts = self.path(&walk);
            let state: Vec<&str> = walk.state().iter().map(|event| self.name(event)).collect();
            parts.push(format!("=> {{{}}}", state.join(", ")));
            self.write_test(f, &parts)?;
        }
        if self.illegal {
            writeln!(f)?;
            for near in walks.near_legal() {
                let mut parts = self.path(near.legal());
                parts.push(format!("-/-> {}", self.name(near.illegal())));
                self.write_test(f, &parts)?;
            }
        }
        Ok(())
    }
}
