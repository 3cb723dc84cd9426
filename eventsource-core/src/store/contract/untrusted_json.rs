//! JSON from outside, parsed without what `serde_json` would read in a way of its own.

use serde::de::{Error as _, IgnoredAny};
use serde_json::Value;

use crate::payload::limits::MAX_PAYLOAD_DEPTH;
use crate::payload::scan::{Content, Problem, scan_document};
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};

/// Parses JSON that a stranger may have written, such as the body of a request.
///
/// Differs from `serde_json::from_slice` where that reads JSON in a way of its own. A key that begins
/// with `$serde_json::private::` is refused: depending on the features of the build, its value would be
/// parsed as JSON again, without a limit of depth. So is a key that an object has twice, of which it
/// would take the last. Values are nested at most [`MAX_PAYLOAD_DEPTH`] deep, which is checked
/// before anything becomes a value.
///
/// # Errors
/// [`UntrustedJsonError`].
///
/// ```
/// use eventsource_core::parse_untrusted_json;
///
/// assert_eq!(parse_untrusted_json(b"[1, 2]").unwrap(), serde_json::json!([1, 2]));
/// let error = parse_untrusted_json(br#"{"a": 1, "a": 2}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the key \"a\" is twice in one object");
/// ```
pub fn parse_untrusted_json(json: &[u8]) -> Result<Value, UntrustedJsonError> {
    let malformed = UntrustedJsonError::Malformed;
    let text =
        std::str::from_utf8(json).map_err(|error| malformed(serde_json::Error::custom(error)))?;
    let (key, content) = match scan_document(text) {
        Ok(()) => return serde_json::from_str(text).map_err(malformed),
        Err(Problem::Content(content)) => (None, content),
        Err(Problem::Key(key, content)) => (Some(key), content),
        Err(Problem::Malformed) => {
            // Says what is wrong, and where, without making values.
            let read: serde_json::Result<IgnoredAny> = serde_json::from_str(text);
            let error = read
                .err()
                .unwrap_or_else(|| serde_json::Error::custom("a text is no Unicode"));
            return Err(malformed(error));
        }
    };
    let input = match key {
        None => "the JSON".to_owned(),
        Some(key) => format!("the key {key:?}"),
    };
    let problem = match content {
        Content::TooDeep => InputProblem::NestedTooDeep {
            max_depth: MAX_PAYLOAD_DEPTH,
        },
        Content::DuplicateKey => InputProblem::DuplicateKey,
        Content::ReservedKey => InputProblem::ReservedKey,
        Content::Nul => InputProblem::ContainsNul,
        Content::NumberOutOfRange => InputProblem::NumberOutOfRange,
    };
    Err(UntrustedJsonError::Refused(InvalidInput::new(
        input, problem,
    )))
}

/// Reason why JSON from outside is not read.
///
/// ```
/// use eventsource_core::{UntrustedJsonError, parse_untrusted_json};
///
/// let error = parse_untrusted_json(b"{").unwrap_err();
/// assert!(matches!(error, UntrustedJsonError::Malformed(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UntrustedJsonError {
    /// Text that is not JSON.
    #[error(transparent)]
    Malformed(serde_json::Error),
    /// JSON that no append would accept.
    #[error(transparent)]
    Refused(InvalidInput),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> Option<InputProblem> {
        match parse_untrusted_json(json.as_bytes()) {
            Err(UntrustedJsonError::Refused(invalid)) => Some(invalid.problem),
            _ => None,
        }
    }

    /// Nests the marker of `serde_json` in itself: each level is parsed as JSON of its own.
    fn nested_markers(levels: usize) -> String {
        (0..levels).fold("1".to_owned(), |inner, _| {
            let text = serde_json::to_string(&inner).unwrap();
            match inner.len() > 4_000 {
                true => inner,
                false => format!(r#"{{"$serde_json::private::RawValue":{text}}}"#),
            }
        })
    }

    #[test]
    fn untrusted_json_is_refused_before_it_fills_a_small_stack() {
        let refused = std::thread::Builder::new().stack_size(256 << 10).spawn(|| {
            let inner = format!("{}{}", "[".repeat(3_500), "]".repeat(3_500));
            for json in [
                nested_markers(12),
                format!(r#"{{"\u0024serde_json::private::RawValue":"{inner}"}}"#),
                format!(r#"{{"a":[{{"$serde_json::private::Number":"{inner}"}}]}}"#),
                // Malformed only after what must not be read.
                format!(r#"{{"$serde_json::private::RawValue":"{inner}"}}]"#),
            ] {
                assert_eq!(refusal(&json), Some(InputProblem::ReservedKey), "{json}");
            }
            let too_deep = InputProblem::NestedTooDeep { max_depth: 127 };
            assert_eq!(refusal(&inner), Some(too_deep));
            assert_eq!(refusal(&"[".repeat(1 << 20)), Some(too_deep));
            let objects = format!("{}1{}", r#"{"a":"#.repeat(128), "}".repeat(128));
            assert_eq!(refusal(&objects), Some(too_deep));
        });
        refused.unwrap().join().unwrap();
    }

    #[test]
    fn untrusted_json_is_what_serde_json_reads() {
        for json in [
            "1e16",
            "-0.0",
            " [1, 18446744073709551616, \"\\u0000\\ud83d\\ude00\"] ",
            r#"{"$serde_json": {"a": null}, "a": {"a": true}}"#,
        ] {
            let expected: Value = serde_json::from_str(json).unwrap();
            assert_eq!(parse_untrusted_json(json.as_bytes()).unwrap(), expected);
        }
        for json in [
            "",
            "[1,]",
            "{} {}",
            "[\"\\ud800\"]",
            "[NaN]",
            "\u{feff}{}",
            "nul",
            "[01]",
        ] {
            let error = parse_untrusted_json(json.as_bytes()).unwrap_err();
            assert!(
                matches!(error, UntrustedJsonError::Malformed(_)),
                "{json}: {error}"
            );
        }
        let error = parse_untrusted_json(b"[\xff]").unwrap_err();
        assert!(matches!(error, UntrustedJsonError::Malformed(_)));
    }
}
