//! Texts of keys and values, as they are stored.

use crate::payload::limits::MAX_PAYLOAD_BYTES;
use crate::store::contract::text_checks::MAX_TEXT_BYTES;
use crate::{Error, InputProblem, InvalidInput, View, ViewKey};

/// Returns the text of a key, which every database can store.
pub(crate) fn key_text<V: View>(key: &V::Key) -> Result<String, InvalidInput> {
    let text = key.to_text();
    let problem = if text.is_empty() {
        InputProblem::Empty
    } else if text.len() > MAX_TEXT_BYTES {
        InputProblem::TooLong {
            max_bytes: MAX_TEXT_BYTES,
        }
    } else if text.contains('\0') {
        InputProblem::ContainsNul
    } else {
        return Ok(text);
    };
    let input = format!("a key of the view '{}'", V::NAME);
    Err(InvalidInput::new(input, problem))
}

/// Returns the JSON of a value, from which the same value is read.
///
/// If it were not the same, the rows would depend on which events are written together.
pub(crate) fn value_text<V: View>(key: &str, value: &V) -> Result<String, InvalidInput> {
    let refused = |problem| {
        let input = format!("the value of '{key}' in the view '{}'", V::NAME);
        InvalidInput::new(input, problem)
    };
    let text = serde_json::to_string(value).map_err(|_| refused(InputProblem::NotReadBack))?;
    if text.len() > MAX_PAYLOAD_BYTES {
        let max_bytes = MAX_PAYLOAD_BYTES;
        return Err(refused(InputProblem::TooLong { max_bytes }));
    }
    if has_escaped_nul(&text) {
        return Err(refused(InputProblem::ContainsNul));
    }
    match serde_json::from_str::<V>(&text) {
        Ok(read) if read == *value => Ok(text),
        _ => Err(refused(InputProblem::NotReadBack)),
    }
}

/// Reads a stored value.
pub(crate) fn value<V: View>(text: &str) -> Result<V, Error> {
    serde_json::from_str(text).map_err(|error| Error::undecodable(Box::new(error)))
}

/// Checks whether a string in JSON has the character U+0000, which Postgres cannot store.
fn has_escaped_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let before = json[..at].bytes().rev();
        before.take_while(|byte| *byte == b'\\').count() % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_found_whatever_is_before_it() {
        for (text, has_nul) in [
            ("a\0", true),
            ("\\\0", true),
            ("\\u0000", false),
            ("\\\\u0000", false),
            ("u0000", false),
            ("\u{1}", false),
        ] {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(has_escaped_nul(&json), has_nul, "{json}");
        }
    }
}
