//! Drawing: the content of a picture, whatever its format.

use std::fmt;

use super::{MAX_DRAWN_ARROWS, MAX_DRAWN_STATES, MAX_EXPLORED_STATES};
use crate::printable::printable;
use crate::{EventIndex, Exploration, Machine, Transition};

/// Content of a machine's picture: boxes, arrows and notes.
///
/// Mermaid, DOT, SVG and text are written from the same drawing, so they agree:
///
/// * a dot is the start, before the first event;
/// * a box is a state; a double border marks a state that nothing can follow;
/// * an arrow carries the events that lead on, with the roles that may write them in brackets and
///   `(restarts)` on those that begin a new generation; a dashed arrow carries events that are written
///   by themselves: auto transitions, marked `(auto)`, and timed events, with a clock and their time.
///
/// Rejections, which may happen anywhere and change nothing, are drawn by
/// [`Drawing::with_rejections`] only.
///
/// A machine with too many states to read is drawn as its [`Quotient`](crate::Quotient), and the
/// picture's note says so.
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, render::Drawing};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let drawing = Drawing::of(&machine).unwrap();
/// assert_eq!(drawing.title(), "light");
/// assert!(drawing.svg().starts_with("<svg "));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    title: String,
    note: Option<String>,
    pub(super) boxes: Vec<StateBox>,
    pub(super) arrows: Vec<Arrow>,
}

/// Box of a state, or of several that behave alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StateBox {
    /// Lines of text in the box; none in the first box, the start.
    pub(super) lines: Vec<String>,
    /// Whether nothing can follow.
    pub(super) last: bool,
}

/// Arrow with the events that lead from one box to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether the events are written by themselves: auto transitions and timed events.
    pub(super) auto: bool,
    pub(super) events: Vec<EventLabel>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventLabel {
    pub(super) event: EventIndex,
    pub(super) text: String,
    pub(super) restarting: bool,
}

/// Reason why a machine has no picture.
///
/// Even with states that behave alike merged, the picture would be too large to read;
/// [`markdown_table`](super::markdown_table) says the same in fewer lines.
///
/// ```
/// use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec, render};
///
/// let once = |n: i32| EventSpec::new(format!("E{n}"))
///     .follows(Formula::but_not(Formula::event(format!("E{n}"))))
///     .accumulate(Accumulator::Union);
/// let machine = Machine::compile(&MachineSpec::new("flags", (0..8).map(once)))?;
/// let refused = render::mermaid(&machine).unwrap_err();
/// assert_eq!(refused.to_string(), "no picture: 255 states, of which more than 40 behave differently");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderError {
    /// The picture would have too many boxes.
    TooManyStates {
        /// Number of states; `None` if more than [`MAX_EXPLORED_STATES`].
        states: Option<usize>,
        /// Largest number of boxes in a picture.
        most: usize,
    },
    /// The picture would have more than [`MAX_DRAWN_ARROWS`] arrows.
    TooManyArrows {
        /// Number of arrows.
        arrows: usize,
    },
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyStates {
                states: Some(states),
                most,
            } => write!(
                f,
                "no picture: {states} states, of which more than {most} behave differently"
            ),
            Self::TooManyStates { states: None, .. } => {
                write!(f, "no picture: more than {MAX_EXPLORED_STATES} states")
            }
            Self::TooManyArrows { arrows } => write!(
                f,
                "no picture: {arrows} arrows, more than the {MAX_DRAWN_ARROWS} that can be read"
            ),
        }
    }
}

impl std::error::Error for RenderError {}

impl Drawing {
    /// Draws `machine`, with at most [`MAX_DRAWN_STATES`] boxes beside the start.
    ///
    /// # Errors
    /// [`RenderError`] if it would have more boxes than that, or more than [`MAX_DRAWN_ARROWS`].
    pub fn of(machine: &Machine) -> Result<Self, RenderError> {
        let shown = machine.explore_without(MAX_EXPLORED_STATES + 1, machine.rejections());
        Self::of_explored(machine, &shown)
    }

    /// Draws `machine` with its rejections: as loops at every state.
    ///
    /// # Errors
    /// As [`Drawing::of`].
    ///
    /// ```
    /// use eventsource_model::{EventSpec, Machine, MachineSpec, render::Drawing};
    ///
    /// let machine = Machine::compile(&MachineSpec::new("order", [
    ///     EventSpec::new("PLACED"),
    ///     EventSpec::new("REFUSED").rejection(),
    /// ]))?;
    /// assert!(!Drawing::of(&machine).unwrap().text().contains("REFUSED"));
    /// assert!(Drawing::with_rejections(&machine).unwrap().text().contains("REFUSED"));
    /// # Ok::<(), eventsource_model::SpecErrors>(())
    /// ```
    pub fn with_rejections(machine: &Machine) -> Result<Self, RenderError> {
        // One more: the empty state is drawn as the start.
        Self::of_explored(machine, &machine.explore(MAX_EXPLORED_STATES + 1))
    }

    /// Draws a machine that has been explored already, to at least as many states as a picture
    /// needs.
    ///
    /// # Errors
    /// As [`Drawing::of`].
    #[doc(hidden)]
    pub fn of_explored(machine: &Machine, exploration: &Exploration) -> Result<Self, RenderError> {
        let states = exploration.states().len() - 1;
        let exact = (exploration.is_complete() && states <= MAX_DRAWN_STATES)
            .then(|| Self::exact(machine, exploration))
            .filter(|drawing| drawing.arrows.len() <= MAX_DRAWN_ARROWS);
        if let Some(exact) = exact {
            return Ok(exact);
        }
        let quotient =
            exploration
                .quotient(MAX_DRAWN_STATES + 1)
                .ok_or(RenderError::TooManyStates {
                    states: exploration.is_complete().then_some(states),
                    most: MAX_DRAWN_STATES,
                })?;
        let lines = |position: usize| {
            let block = &quotient.blocks()[position];
            let mut lines = block.label(machine);
            if let count @ 2.. = block.members().len() {
                lines.push(format!("({count} states)"));
            }
            lines
        };
        let boxes = quotient.blocks().len();
        let mut drawing = Self::new(machine, boxes, lines, quotient.transitions());
        if drawing.arrows.len() > MAX_DRAWN_ARROWS {
            return Err(RenderError::TooManyArrows {
                arrows: drawing.arrows.len(),
            });
        }
        drawing.note = Some(format!(
            "{states} states, drawn as {}: states that behave alike are one box",
            boxes - 1
        ));
        Ok(drawing)
    }

    fn exact(machine: &Machine, exploration: &Exploration) -> Self {
        let lines = |position: usize| {
            let state = exploration.states()[position].state;
            let names = machine.names(state).join(", ");
            if state.is_empty() {
                vec![]
            } else {
                vec![names]
            }
        };
        let (count, steps) = (exploration.states().len(), exploration.transitions());
        Self::new(machine, count, lines, steps)
    }

    fn new(
        machine: &Machine,
        boxes: usize,
        lines: impl Fn(usize) -> Vec<String>,
        steps: &[Transition],
    ) -> Self {
        let mut drawn: Vec<StateBox> = (0..boxes)
            .map(|position| StateBox {
                lines: lines(position).iter().map(|line| printable(line)).collect(),
                last: true,
            })
            .collect();
        // One arrow for all events between two boxes: several would lie over each other.
        let mut arrows: Vec<Arrow> = Vec::new();
        for step in steps {
            drawn[step.from].last = false;
            let rule = machine.rule(step.event);
            let auto = rule.auto_transition || rule.timer.is_some();
            let label = label(machine, step.event);
            let same = |arrow: &&mut Arrow| {
                (arrow.from, arrow.to, arrow.auto) == (step.from, step.to, auto)
            };
            match arrows.iter_mut().find(same) {
                Some(arrow) => arrow.events.push(label),
                None => arrows.push(Arrow {
                    from: step.from,
                    to: step.to,
                    auto,
                    events: vec![label],
                }),
            }
        }
        Self {
            title: printable(machine.name()),
            note: None,
            boxes: drawn,
            arrows,
        }
    }

    /// Returns the title of the picture: the machine's name.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the note that a reader needs if boxes are not single states.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Returns the legend: the meaning of the signs that occur.
    pub(super) fn legend(&self) -> Vec<&'static str> {
        let labels = || self.arrows.iter().flat_map(|arrow| &arrow.events);
        let mut legend = Vec::new();
        if self.boxes.iter().any(|state| state.last) {
            legend.push("double border: nothing follows");
        }
        if self.arrows.iter().any(|arrow| arrow.auto) {
            legend.push("dashed: written by itself");
        }
        if labels().any(|label| label.text.contains(CLOCK)) {
            legend.push("\u{25f7}: when the time has come");
        }
        if labels().any(|label| label.restarting) {
            legend.push("(restarts): begins a new version");
        }
        if labels().any(|label| label.text.contains(" [")) {
            legend.push("[role]: who may write it");
        }
        legend
    }
}

/// Sign of a timer, which most fonts have: a circle with one quarter.
const CLOCK: char = '\u{25f7}';

/// Writes the label of an event: `EVENT [role, role] (restarts) (auto) (clock, after 3 days)`.
fn label(machine: &Machine, event: EventIndex) -> EventLabel {
    let rule = machine.rule(event);
    let mut text = printable(&rule.name);
    if !rule.roles.is_empty() {
        text.push_str(&format!(" [{}]", printable(&rule.roles.join(", "))));
    }
    for (marked, mark) in [
        (rule.restarting, " (restarts)"),
        (rule.auto_transition, " (auto)"),
    ] {
        if marked {
            text.push_str(mark);
        }
    }
    if let Some(timer) = &rule.timer {
        text.push_str(&format!(" {CLOCK} {}", printable(&timer.to_string())));
    }
    EventLabel {
        event,
        text,
        restarting: rule.restarting,
    }
}
