//! Parameter `?asOf=`: a moment in the past of an entity.

use chrono::{DateTime, Utc};
use eventsource_core::{AsOf, LogSeq, Seq};

use crate::wire::parameters::QueryParameters;

/// Reason that is given for a text that is not a moment.
const INVALID_MOMENT: &str = "Not a sequence, such as 3, a clock, such as clock:17, or a time, such \
                            as 2026-04-21T00:00:00Z.";

/// Takes the moment from the query, if the query has one.
pub(crate) fn take(parameters: &mut QueryParameters) -> Option<AsOf> {
    let mut take = |name| {
        let parse = |text: &str| parse(text).ok_or_else(|| INVALID_MOMENT.to_owned());
        parameters.take_with(name, parse, |_| String::new())
    };
    // Bodies are spelled in camelCase, queries in snake_case: both are accepted.
    let (camel, snake) = (take("asOf"), take("as_of"));
    if camel.is_some() && snake.is_some() {
        parameters.fault("as_of", "Given twice, as asOf too.");
    }
    camel.or(snake)
}

/// Parses a sequence, a log sequence (`clock:17`) or a time.
fn parse(text: &str) -> Option<AsOf> {
    if let Some(clock) = text.strip_prefix("clock:") {
        return Some(AsOf::LogSeq(LogSeq::new(number(clock)?)));
    }
    let digits = text.strip_prefix("seq:").unwrap_or(text);
    if let Some(seq) = number(digits) {
        return Some(AsOf::Seq(Seq::new(u32::try_from(seq).ok()?)));
    }
    // A plus that was not written as %2B has become a space.
    let text = text.replace(' ', "+");
    let time = DateTime::parse_from_rfc3339(&text).ok()?;
    Some(AsOf::Time(time.with_timezone(&Utc)))
}

/// Parses digits only, without a sign.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_takes_sequence_clock_or_time() {
        let seq = |n| Some(AsOf::Seq(Seq::new(n)));
        let time: DateTime<Utc> = "2026-04-21T10:00:00Z".parse().unwrap();
        for (text, moment) in [
            ("3", seq(3)),
            ("seq:3", seq(3)),
            ("0", seq(0)),
            ("clock:17", Some(AsOf::LogSeq(LogSeq::new(17)))),
            ("2026-04-21T10:00:00Z", Some(AsOf::Time(time))),
            ("2026-04-21T12:00:00+02:00", Some(AsOf::Time(time))),
            ("2026-04-21T12:00:00 02:00", Some(AsOf::Time(time))),
            ("", None),
            ("+3", None),
            ("-1", None),
            ("clock:", None),
            ("4294967296", None),
            ("2026-04-21", None),
            ("yesterday", None),
        ] {
            assert_eq!(parse(text), moment, "{text}");
        }
    }
}
