//! How a message shows what differs.

use std::fmt::{Debug, Write as _};

/// Writes two lists below each other: `-` what was expected, `+` what there is, ` ` what is equal.
pub(super) fn difference<T: Debug + PartialEq>(expected: &[T], actual: &[T]) -> String {
    let mut lines = String::new();
    let mut line = |mark: char, value: &T| {
        // Writing into a text cannot fail.
        let _ = write!(lines, "\n  {mark} {value:?}");
    };
    for index in 0..expected.len().max(actual.len()) {
        match (expected.get(index), actual.get(index)) {
            (Some(expected), Some(actual)) if expected == actual => line(' ', actual),
            (expected, actual) => {
                if let Some(expected) = expected {
                    line('-', expected);
                }
                if let Some(actual) = actual {
                    line('+', actual);
                }
            }
        }
    }
    if lines.is_empty() {
        lines.push_str(" nothing");
    }
    lines
}
