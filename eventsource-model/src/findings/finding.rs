//! Findings: a mistake, its subject and the evidence.

use std::fmt;

use super::{Code, Severity};
use crate::{EventIndex, StateSet};

/// Part of a machine that a finding is about, for the caller that knows where it is written.
///
/// ```
/// use eventsource_model::{EventIndex, findings::Subject};
/// let created = EventIndex::new(0).unwrap();
/// assert_eq!(Subject::Follows(created).event(), Some(created));
/// assert_eq!(Subject::Machine.event(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Machine as a whole.
    Machine,
    /// Event type as a whole.
    Event(EventIndex),
    /// Formula of `follows` of an event type.
    Follows(EventIndex),
    /// Operand in the `follows` of an event type, with the path to it: the position at each level.
    Operand(EventIndex, Vec<usize>),
    /// Accumulator of an event type.
    Accumulate(EventIndex),
    /// Field that an event type requires.
    Requires(EventIndex, String),
    /// Mark `restarting` of an event type.
    Restarting(EventIndex),
    /// Mark `auto_transition` of an event type.
    AutoTransition(EventIndex),
    /// Mark `terminal` of an event type.
    Terminal(EventIndex),
    /// Timer of an event type: its `after` or `at`.
    Timer(EventIndex),
    /// Invariant of the author, by its position in
    /// [`Checks::invariants`](super::Checks::invariants).
    Invariant(usize),
    /// Fingerprint that the author pinned.
    Fingerprint,
}

impl Subject {
    /// Returns the event type that the subject belongs to, if any.
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
            | Self::Terminal(event)
            | Self::Timer(event) => Some(*event),
        }
    }

    /// Returns the subject of an operand, or of the whole formula if the path is empty.
    pub(super) fn operand(event: EventIndex, path: Vec<usize>) -> Self {
        if path.is_empty() {
            Self::Follows(event)
        } else {
            Self::Operand(event, path)
        }
    }
}

/// Mistake or oddity in the rules of a machine.
///
/// `Display` writes it as rustc does, with its code, notes and help.
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
    /// Kind of the finding.
    pub code: Code,
    /// Weight of the finding: that of the code, except where a code has a light and a grave form.
    pub severity: Severity,
    /// Part of the machine that the finding is about.
    pub subject: Subject,
    /// Message, in one line without a full stop.
    pub message: String,
    /// Evidence, a line each, such as `reached by CREATED -> ASSIGNED`.
    pub notes: Vec<String>,
    /// Suggestions, a line each.
    pub help: Vec<String>,
    /// Other event types that are involved: rivals, the events of a cycle, events that are lost.
    pub events: Vec<EventIndex>,
    /// Shortest sequence of events that shows the finding, if one does.
    ///
    /// The path is legal from the empty state and ends in the first of `states`.
    pub path: Vec<EventIndex>,
    /// Every explored state that shows the finding, in the order of the exploration; empty if no
    /// state does.
    pub states: Vec<StateSet>,
}

impl Finding {
    /// Creates a finding with the weight of its code, without notes or help.
    ///
    /// ```
    /// use eventsource_model::findings::{Code, Finding, Subject, Severity};
    ///
    /// let finding = Finding::new(Code::Shape, Subject::Machine, "the enum is empty");
    /// assert_eq!(finding.severity, Severity::Error);
    /// ```
    pub fn new(code: Code, subject: Subject, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            subject,
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

    /// Appends the help that tells how to silence the finding.
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
