//! One thing that was noticed, and where.

use std::fmt;

use super::{Code, Severity};
use crate::{EventIndex, StateSet};

/// What a finding is about, for whoever knows where that is written.
///
/// ```
/// use eventsource_model::{EventIndex, findings::Place};
/// let created = EventIndex::new(0).unwrap();
/// assert_eq!(Place::Follows(created).event(), Some(created));
/// assert_eq!(Place::Machine.event(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The machine as a whole.
    Machine,
    /// An event type as a whole.
    Event(EventIndex),
    /// The `follows` of an event type.
    Follows(EventIndex),
    /// One operand in the `follows` of an event type: the way to it from the whole formula, as
    /// positions among the operands.
    Operand(EventIndex, Vec<usize>),
    /// The `accumulate` of an event type.
    Accumulate(EventIndex),
    /// One of the fields that an event type requires.
    Requires(EventIndex, String),
    /// The mark `restarting` of an event type.
    Restarting(EventIndex),
    /// The mark `auto_transition` of an event type.
    AutoTransition(EventIndex),
    /// The mark `terminal` of an event type.
    Terminal(EventIndex),
    /// One of the author's invariants, by its position among
    /// [`Checks::invariants`](super::Checks::invariants).
    Invariant(usize),
    /// The pinned fingerprint.
    Fingerprint,
}

impl Place {
    /// The event type that it belongs to, if to one.
    #[must_use]
    pub const fn event(&self) -> Option<EventIndex> {
        match self {
            Self::Machine | Self::Invariant(_) | Self::Fingerprint => None,
            Self::Event(event)
            | Self::Follows(event)
            | Self::Operand(event, _)
            | Self::Accumulate(event)
            | Self::Requires(event, _)
            | Self::Restarting(event)
            | Self::AutoTransition(event)
            | Self::Terminal(event) => Some(*event),
        }
    }

    /// An operand, or the whole formula if the way to it is empty.
    pub(super) fn operand(event: EventIndex, path: Vec<usize>) -> Self {
        if path.is_empty() {
            Self::Follows(event)
        } else {
            Self::Operand(event, path)
        }
    }
}

/// One thing that was noticed. `Display` writes it as rustc does, with its code, notes and help.
///
/// ```
/// use eventsource_model::findings::{Checks, Code};
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("Lit"),
///     EventSpec::new("Dimmed").follows(Formula::event("Lit")),
/// ]))?;
/// let finding = &machine.findings(&Checks::default())[0];
/// assert_eq!(finding.code, Code::DeadEnd);
/// assert_eq!(finding.message, "nothing may follow `Dimmed`");
/// assert_eq!(finding.notes, ["reached by Lit -> Dimmed, the state is then {Dimmed}"]);
/// assert!(finding.to_string().starts_with("nothing may follow `Dimmed` [ES022]\n= note: reached by"));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// How much it weighs: that of the code, except where a code has a light and a grave form.
    pub severity: Severity,
    /// What it is about.
    pub place: Place,
    /// What was found, in one line without a full stop.
    pub message: String,
    /// What shows it, a line each, such as `reached by CREATED -> ASSIGNED`.
    pub notes: Vec<String>,
    /// How to mend it, a line each.
    pub help: Vec<String>,
    /// The other event types that play a part: rivals, the cycle, what is lost.
    pub events: Vec<EventIndex>,
    /// A shortest sequence of events that shows it, if one does: it is legal from the empty state,
    /// and ends in the first of `states`.
    pub path: Vec<EventIndex>,
    /// Every explored state that shows it, in the order in which exploration found them; not given
    /// where no state does.
    pub states: Vec<StateSet>,
}

impl Finding {
    /// A finding of the weight of its code, without notes or help.
    ///
    /// ```
    /// use eventsource_model::findings::{Code, Finding, Place, Severity};
    ///
    /// let finding = Finding::new(Code::Shape, Place::Machine, "the enum is empty");
    /// assert_eq!(finding.severity, Severity::Error);
    /// ```
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            place,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            events: Vec::new(),
            path: Vec::new(),
            states: Vec::new(),
        }
    }

    pub(super) fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// How to silence it, as the last help.
    pub(super) fn or_allow(self, meant: &str) -> Self {
        let name = self.code.name();
        self.help(format!("or say `allow({name})` if {meant}"))
    }

    pub(super) fn with(mut self, events: impl IntoIterator<Item = EventIndex>) -> Self {
        self.events.extend(events);
        self
    }

    pub(super) fn shown_by(mut self, path: Vec<EventIndex>, states: Vec<StateSet>) -> Self {
        self.path = path;
        self.states = states;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)?;
        for (kind, lines) in [("note", &self.notes), ("help", &self.help)] {
            for line in lines {
                write!(f, "\n= {kind}: {line}")?;
            }
        }
        Ok(())
    }
}
