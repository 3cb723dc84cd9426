//! Header `Prefer`: what a client would like (RFC 7240).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

static PREFER: HeaderName = HeaderName::from_static("prefer");

static APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Preferences of a request; what is not understood is ignored, as the RFC asks for.
pub(crate) struct Preferences(Vec<(String, String)>);

impl Preferences {
    /// Reads the preferences; of two of one name the first counts.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(&PREFER).iter();
        let texts = values.filter_map(|value| value.to_str().ok());
        let all = texts.flat_map(|text| split(text, ',')).map(|preference| {
            // Parameters after a semicolon belong to the preference.
            let preference = split(preference, ';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let name = name.trim().to_ascii_lowercase();
            (name, value.trim().trim_matches('"').to_owned())
        });
        Self(all.collect())
    }

    /// Returns the seconds of `wait=..`.
    pub(crate) fn wait(&self) -> Option<u64> {
        self.of("wait")?.parse().ok()
    }

    /// Tells whether the client would rather be answered before the work is done.
    pub(crate) fn respond_async(&self) -> bool {
        self.of("respond-async").is_some()
    }

    fn of(&self, wanted: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// Names a preference that was honoured.
    pub(crate) fn applied(response: &mut Response, preference: &str) {
        if let Ok(value) = HeaderValue::from_str(preference) {
            response.headers_mut().insert(APPLIED.clone(), value);
        }
    }
}

/// Splits a text at a separator that is not between quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |char| {
        is_quoted ^= char == '"';
        char == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Preferences {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&PREFER, HeaderValue::from_static(value));
        }
        Preferences::read(&headers)
    }

    #[test]
    fn preferences_are_read_and_others_ignored() {
        let preferences = read(&[
            "Respond-Async, wait=\"10\"; x=1",
            "handling=lenient, wait=3",
        ]);
        assert!(preferences.respond_async());
        assert_eq!(preferences.wait(), Some(10));
        for (text, wait) in [
            ("", None),
            ("wait", None),
            ("wait=-1", None),
            ("wait=1e3", None),
        ] {
            assert_eq!(read(&[text]).wait(), wait, "{text}");
            assert!(!read(&[text]).respond_async());
        }
        // What is quoted is one value.
        let quoted = read(&["note=\"a, respond-async; b\", wait=7"]);
        assert!(!quoted.respond_async());
        assert_eq!(quoted.wait(), Some(7));
    }
}
