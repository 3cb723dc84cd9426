//! Identifiers of event types in exported files.

use crate::Machine;

/// Returns the identifier of each event type: its name if `fits`, else `event_` and its position.
///
/// No two event types get the same identifier.
pub(super) fn ids(machine: &Machine, fits: impl Fn(&str) -> bool) -> Vec<String> {
    // A name that looks like what is given to others could be taken for one of those.
    let usable = |name: &str| fits(name) && !name.starts_with("event_");
    machine
        .rules()
        .map(|(event, rule)| {
            if usable(&rule.name) {
                rule.name.clone().into_owned()
            } else {
                format!("event_{}", event.get())
            }
        })
        .collect()
}

/// Returns whether the name is an ASCII letter followed by letters, digits, underscores and, if
/// allowed, hyphens.
pub(super) fn is_word(name: &str, hyphens: bool) -> bool {
    let first = name.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || (hyphens && c == '-'))
}
