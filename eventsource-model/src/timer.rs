//! Timers: events that are written by themselves when their time has come.

use std::borrow::Cow;
use std::fmt;

/// When an event is written by itself.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, Timer};
///
/// let machine = Machine::compile(&MachineSpec::new("offer", [
///     EventSpec::new("MADE"),
///     EventSpec::new("EXPIRED").follows(Formula::event("MADE")).after(3 * 24 * 60 * 60).terminal(),
/// ]))?;
/// let expired = machine.rule(machine.index_of("EXPIRED").unwrap());
/// assert_eq!(expired.timer.as_ref().unwrap().to_string(), "after 3 days");
/// assert!(expired.internal, "no client writes it");
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum Timer {
    /// The event has been legal for this long.
    After {
        /// Seconds, 1 or more.
        seconds: u64,
    },
    /// The event is legal, and the time in a field of the entity's data has come.
    At {
        /// Name of the field.
        field: Cow<'static, str>,
    },
}

const UNITS: [(u64, &str); 5] = [
    (7 * 24 * 60 * 60, "week"),
    (24 * 60 * 60, "day"),
    (60 * 60, "hour"),
    (60, "minute"),
    (1, "second"),
];

/// Writes `after 3 days` or `at deadline`.
impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = match self {
            Self::At { field } => return write!(f, "at {field}"),
            Self::After { seconds: 0 } => return f.write_str("after 0 seconds"),
            Self::After { seconds } => *seconds,
        };
        f.write_str("after")?;
        for (unit, name) in UNITS {
            let count = rest / unit;
            // Ten days are no better as a week and three days.
            if count == 0 || (name == "week" && rest % unit != 0) {
                continue;
            }
            rest %= unit;
            write!(f, " {count} {name}{}", if count == 1 { "" } else { "s" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Timer;

    #[test]
    fn durations_are_written_in_words() {
        for (seconds, text) in [
            (1, "after 1 second"),
            (90, "after 1 minute 30 seconds"),
            (60 * 60, "after 1 hour"),
            (3 * 24 * 60 * 60, "after 3 days"),
            (10 * 24 * 60 * 60, "after 10 days"),
            (14 * 24 * 60 * 60, "after 2 weeks"),
            (25 * 60 * 60 + 1, "after 1 day 1 hour 1 second"),
        ] {
            assert_eq!(Timer::After { seconds }.to_string(), text);
        }
    }
}
