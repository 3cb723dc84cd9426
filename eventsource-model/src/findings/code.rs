//! Codes of findings: the kinds of mistakes in a machine.

use std::fmt;

/// Weight of a finding, unless the author says otherwise.
///
/// ```
/// use eventsource_model::findings::{Code, Severity};
/// assert_eq!(Code::DeadEnd.severity(), Severity::Warning);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Usual and silent, unless the author asks for it.
    Allowed,
    /// Probable mistake.
    Warning,
    /// Certain mistake.
    Error,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $name:literal, $severity:ident;)+) => {
        /// Kind of a finding: its documented code, and the name that `allow(..)`, `warn(..)` and
        /// `deny(..)` take.
        ///
        /// ```
        /// use eventsource_model::findings::Code;
        /// assert_eq!(Code::DeadEnd.to_string(), "ES022");
        /// assert_eq!(Code::DeadEnd.name(), "dead_end");
        /// assert_eq!(Code::of_name("dead_end"), Some(Code::DeadEnd));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the code as it is shown, such as `ES022`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// Returns the name that `allow(..)` takes, such as `dead_end`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns the weight of the finding, unless the author says otherwise.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)+
                }
            }
        }
    };
}

codes! {
    /// A rule names an event that the machine does not have.
    UnknownEvent = "ES001", "unknown_event", Error;
    /// An attribute that cannot be read: an unknown or repeated key, a wrong value.
    Syntax = "ES002", "syntax", Error;
    /// A formula whose operands make no sense as they are written.
    Operands = "ES003", "operands", Error;
    /// `requires` names a field that the payload does not have.
    UnknownField = "ES004", "unknown_field", Error;
    /// No event is legal in the empty state.
    NoInitialEvent = "ES010", "no_initial_event", Error;
    /// The formula of an event contradicts itself.
    Contradiction = "ES011", "contradiction", Error;
    /// The formula of an event holds in no reachable state.
    UnreachableEvent = "ES012", "unreachable_event", Error;
    /// The formula of an event holds in every reachable state, or in the empty one because of a negation.
    AlwaysLegal = "ES013", "always_legal", Warning;
    /// An operand that could be left out.
    RedundantOperand = "ES014", "redundant_operand", Allowed;
    /// An event that a formula asks for is never in the state, or an alternative never holds.
    ConstantOperand = "ES015", "constant_operand", Warning;
    /// An initial event leaves the state empty.
    StaysEmpty = "ES020", "stays_empty", Error;
    /// A later event makes the state empty again.
    BecomesEmpty = "ES021", "becomes_empty", Error;
    /// Nothing may follow an event that is not marked `terminal`.
    DeadEnd = "ES022", "dead_end", Warning;
    /// Something may follow an event that is marked `terminal`.
    NotTerminal = "ES023", "not_terminal", Error;
    /// After an event no event marked `terminal` can be reached.
    NeverEnds = "ES024", "never_ends", Warning;
    /// After an event another one that could happen before can never happen again.
    PointOfNoReturn = "ES025", "point_of_no_return", Allowed;
    /// A restarting event does not lead to an initial state.
    RestartsElsewhere = "ES030", "restarts_elsewhere", Error;
    /// A restarting event is legal in the empty state only.
    NeverRestarts = "ES031", "never_restarts", Warning;
    /// An event returns to an initial state and is not marked `restarting`.
    SilentRestart = "ES032", "silent_restart", Allowed;
    /// An auto transition competes with another legal event.
    AutoRival = "ES040", "auto_rival", Error;
    /// Auto transitions never end.
    AutoLoop = "ES041", "auto_loop", Error;
    /// An auto transition requires a field that the event before it does not supply.
    AutoRequires = "ES042", "auto_requires", Error;
    /// An auto transition is legal in the empty state, where nothing triggers it.
    AutoInitial = "ES043", "auto_initial", Error;
    /// Two events that differ in nothing but the name.
    EquivalentEvents = "ES050", "equivalent_events", Allowed;
    /// Two events that lead to different states in different order.
    OrderMatters = "ES051", "order_matters", Allowed;
    /// An event that changes nothing and carries nothing; silent with `accumulate = keep()`.
    NoOperation = "ES052", "no_operation", Warning;
    /// The machine has more states than are explored.
    TooManyStates = "ES060", "too_many_states", Warning;
    /// An invariant does not hold.
    Invariant = "ES070", "invariant", Error;
    /// The rules differ from those that the source pins.
    Fingerprint = "ES080", "fingerprint", Warning;
    /// The enum cannot be a machine: too many variants, or names that clash.
    Shape = "ES090", "shape", Error;
    /// A timed event that cannot be written by itself: initial, with required fields, or an auto transition.
    TimedEvent = "ES110", "timed_event", Error;
    /// A timer that can never run.
    IdleTimer = "ES111", "idle_timer", Error;
    /// Two timers that end at the same moment, where the first decides.
    TimerTie = "ES112", "timer_tie", Error;
}

impl Code {
    /// Finds the code with this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
