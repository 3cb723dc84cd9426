//! What the answer of an endpoint means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Longest wait that an endpoint can ask for.
pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// What is to be done after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The event has arrived.
    Done,
    /// The event is sent again, not before this time has passed.
    Retry(Option<Duration>),
    /// The event would be refused again at once: its key is set aside.
    Park,
    /// The endpoint is gone: the key waits for a person.
    Gone,
}

/// Says what an answer means.
pub(crate) fn meaning(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Meaning {
    match status {
        status if status.is_success() => Meaning::Done,
        StatusCode::GONE => Meaning::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Meaning::Retry(retry_after(headers, now))
        }
        status if status.is_client_error() => Meaning::Park,
        // Redirects too: an endpoint that has moved must be told to the program.
        _ => Meaning::Retry(None),
    }
}

/// Reads `Retry-After`, a number of seconds or a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        // More digits than a number of seconds has are a very long time.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let date = DateTime::parse_from_rfc2822(value).ok()?;
        (date.to_utc() - now).to_std().unwrap_or_default()
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: &str) -> Meaning {
        let mut headers = HeaderMap::new();
        if !retry_after.is_empty() {
            headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        }
        let now = "2015-10-21T07:28:00Z".parse().unwrap();
        meaning(StatusCode::from_u16(status).unwrap(), &headers, now)
    }

    #[test]
    fn status_decides() {
        for (status, expected) in [
            (200, Meaning::Done),
            (204, Meaning::Done),
            (301, Meaning::Retry(None)),
            (304, Meaning::Retry(None)),
            (400, Meaning::Park),
            (404, Meaning::Park),
            (410, Meaning::Gone),
            (429, Meaning::Retry(None)),
            (500, Meaning::Retry(None)),
            (503, Meaning::Retry(None)),
        ] {
            assert_eq!(answered(status, ""), expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        let seconds = |seconds| Meaning::Retry(Some(Duration::from_secs(seconds)));
        for (value, expected) in [
            ("0", seconds(0)),
            ("120", seconds(120)),
            ("3601", Meaning::Retry(Some(MAX_RETRY_AFTER))),
            (
                "99999999999999999999999",
                Meaning::Retry(Some(MAX_RETRY_AFTER)),
            ),
            ("Wed, 21 Oct 2015 07:29:00 GMT", seconds(60)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", seconds(0)),
            (
                "Wed, 21 Oct 2093 07:27:00 GMT",
                Meaning::Retry(Some(MAX_RETRY_AFTER)),
            ),
            ("soon", Meaning::Retry(None)),
            ("-5", Meaning::Retry(None)),
            ("1.5", Meaning::Retry(None)),
        ] {
            assert_eq!(answered(429, value), expected, "{value}");
            assert_eq!(answered(503, value), expected, "{value}");
        }
        // Elsewhere it says nothing.
        assert_eq!(answered(500, "120"), Meaning::Retry(None));
    }
}
