//! Parts of a log that a migration reads to find out whether the program reads what is stored.

use crate::store::contract::stored_payload::LogPart;

/// Number of events at each end of a log among which the first and the last of each type are read.
const AT_END: i64 = 100_000;

/// Number of places in between, and of events that are looked at there.
const BETWEEN: i64 = 8;
const AT_PLACE: i64 = 10_000;

/// Returns the parts of a log between these log sequences: both ends, where the events are that the oldest
/// and the newest programs have stored, and some places in between.
///
/// The whole of a log with fewer events, and never more of a larger one.
pub(crate) fn sample(first: i64, last: i64) -> Vec<LogPart> {
    let part = |from, events| LogPart { from, events };
    let newest = last.saturating_sub(AT_END - 1).max(first);
    let mut parts = vec![part(newest, AT_END)];
    if newest > first {
        parts.push(part(first, AT_END));
    }
    let length = newest.saturating_sub(first);
    if length > AT_END {
        let places = (1..=BETWEEN).map(|place| first + length / (BETWEEN + 1) * place);
        parts.extend(places.map(|from| part(from, AT_PLACE)));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn froms(first: i64, last: i64) -> Vec<i64> {
        let parts = sample(first, last).into_iter();
        parts.map(|part| part.from).collect()
    }

    #[test]
    fn sample_has_both_ends_and_places_in_between() {
        assert_eq!(froms(1, 1), [1]);
        assert_eq!(froms(1, 100_000), [1]);
        assert_eq!(froms(7, 150_006), [50_007, 7]);
        let large = froms(1, 10_000_000);
        assert_eq!(large[..3], [9_900_001, 1, 1_100_001]);
        assert_eq!(large.len(), 10);
        assert!(large[9] < 9_900_001);
    }
}
