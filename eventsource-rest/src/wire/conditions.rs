//! `If-Match` and `If-None-Match`: which sequence the client has seen (RFC 9110, section 13.1).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use eventsource_core::Seq;
use serde_json::{Value, json};

use crate::wire::problem::Problem;

/// What the client demands of the entity that it names.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Conditions {
    matches: Option<Tags>,
    matches_none: Option<Tags>,
}

/// A list of entity tags.
#[derive(Debug, PartialEq)]
enum Tags {
    /// `*`: whatever there is, as long as there is something.
    Any,
    These(Vec<Tag>),
}

#[derive(Debug, PartialEq)]
struct Tag {
    weak: bool,
    /// `None` for what is no sequence and so never was the tag of anything here.
    seq: Option<Seq>,
}

/// No entity comes to have as many events.
const NEVER: Seq = Seq::new(u32::MAX);

impl Conditions {
    /// Reads both headers.
    ///
    /// # Errors
    /// 422 if one of them is no list of entity tags.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            matches: tags(headers, &header::IF_MATCH)?,
            matches_none: tags(headers, &header::IF_NONE_MATCH)?,
        })
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.matches.is_none() && self.matches_none.is_none()
    }

    /// What an append must expect so that the conditions hold when it is stored, of an entity that
    /// was found with `found` events: one that the database is asked about even if it is wrong
    /// already, for a repeated request is answered as the first was.
    pub(crate) fn expected(&self, found: Option<Seq>) -> Seq {
        if self.fresh(found) {
            return NEVER;
        }
        match &self.matches {
            None => match self.matches_none {
                Some(Tags::Any) => Seq::NONE,
                _ => found.unwrap_or(Seq::NONE),
            },
            Some(Tags::Any) => found.unwrap_or(NEVER),
            Some(Tags::These(tags)) => {
                let strong = || {
                    tags.iter()
                        .filter(|tag| !tag.weak)
                        .filter_map(|tag| tag.seq)
                };
                // Not what the client has seen, should that come to be: what was found is what has
                // been checked.
                let current = found.filter(|found| strong().any(|seq| seq == *found));
                current.unwrap_or(NEVER)
            }
        }
    }

    /// The sequences that the client has named, or `*`, for an error to repeat.
    pub(crate) fn wanted(&self) -> Value {
        match self.matches.as_ref().or(self.matches_none.as_ref()) {
            None => Value::Null,
            Some(Tags::Any) => json!("*"),
            Some(Tags::These(tags)) => {
                let named: Vec<Seq> = tags.iter().filter_map(|tag| tag.seq).collect();
                match named[..] {
                    [only] => json!(only),
                    _ => json!(named),
                }
            }
        }
    }

    /// Whether a reader with this `If-None-Match` has what was found. Here, unlike in `If-Match`,
    /// a weak tag is as good as a strong one.
    pub(crate) fn fresh(&self, found: Option<Seq>) -> bool {
        match (&self.matches_none, found) {
            (None, _) | (_, None) => false,
            (Some(Tags::Any), Some(_)) => true,
            (Some(Tags::These(tags)), found) => tags.iter().any(|tag| tag.seq == found),
        }
    }
}

/// The sequence, as `If-Match` gives it back.
pub(crate) fn etag(seq: Seq) -> HeaderValue {
    // Digits and quotes are always a header's value.
    HeaderValue::try_from(format!("\"{seq}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Problem> {
    let mut lists = headers.get_all(name).iter().peekable();
    if lists.peek().is_none() {
        return Ok(None);
    }
    let mut tags = Vec::new();
    for list in lists {
        let list = list.to_str().unwrap_or_default().trim();
        if list == "*" {
            return Ok(Some(Tags::Any));
        }
        for text in list.split(',') {
            match tag(text.trim()) {
                Some(tag) => tags.push(tag),
                None => {
                    let reason = "Not a sequence in quotes, such as \"3\".";
                    return Err(Problem::header(name, reason));
                }
            }
        }
    }
    Ok(Some(Tags::These(tags)))
}

fn tag(text: &str) -> Option<Tag> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
    // `+3` and `03` are other tags than `3`.
    let seq = opaque.parse().ok().map(Seq::new);
    let seq = seq.filter(|seq: &Seq| seq.to_string() == opaque);
    Some(Tag { weak, seq })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(headers: &[(HeaderName, &'static str)], found: Option<u32>) -> Option<u32> {
        let headers = headers.iter().cloned();
        let headers: HeaderMap = headers
            .map(|(name, value)| (name, axum::http::HeaderValue::from_static(value)))
            .collect();
        let conditions = Conditions::read(&headers).unwrap();
        let expected = conditions.expected(found.map(Seq::new));
        (expected != NEVER).then_some(expected.get())
    }

    #[test]
    fn what_is_expected_is_what_the_client_has_seen() {
        for (value, found, then) in [
            ("\"3\"", Some(3), Some(3)),
            ("\"3\"", Some(4), None),
            ("\"3\"", None, None),
            ("\"9\", \"4\"", Some(4), Some(4)),
            ("\"9\", \"8\"", Some(4), None),
            ("*", Some(4), Some(4)),
            ("*", None, None),
            // RFC 9110, 13.1.1: a weak tag never matches.
            ("W/\"4\"", Some(4), None),
            ("W/\"4\", \"4\"", Some(4), Some(4)),
            ("\"abc\"", Some(4), None),
            ("\"04\"", Some(4), None),
        ] {
            let given = [(header::IF_MATCH, value)];
            assert_eq!(expected(&given, found), then, "{value} of {found:?}");
        }
    }

    #[test]
    fn what_must_not_be_is_not_expected() {
        for (value, found, then) in [
            ("*", None, Some(0)),
            ("*", Some(4), None),
            ("\"4\"", Some(4), None),
            ("W/\"4\"", Some(4), None),
            ("\"4\"", Some(5), Some(5)),
        ] {
            let given = [(header::IF_NONE_MATCH, value)];
            assert_eq!(expected(&given, found), then, "{value} of {found:?}");
        }
    }
}
