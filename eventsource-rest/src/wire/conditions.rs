//! Conditional requests: `ETag`, `If-Match` and `If-None-Match` (RFC 9110, section 13.1).
//!
//! The entity tag of an entity is its sequence.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use eventsource_core::Seq;
use serde_json::{Value, json};

use crate::wire::problem::Problem;

/// Conditions of a request on the sequence of its entity.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Conditions {
    if_match: Option<EntityTags>,
    if_none_match: Option<EntityTags>,
}

/// Value of a condition: a list of entity tags, or `*`.
#[derive(Debug, PartialEq)]
enum EntityTags {
    /// Wildcard `*`: any entity that exists.
    Any,
    /// Entity tags, in their order.
    List(Vec<EntityTag>),
}

/// Entity tag of a condition.
#[derive(Debug, PartialEq)]
struct EntityTag {
    /// Whether it has the prefix `W/`.
    weak: bool,
    /// Sequence; `None` for a tag that this service never gave out.
    seq: Option<Seq>,
}

/// Most entity tags of a condition.
const MAX_TAGS: usize = 100;

/// Sequence that no entity reaches: an append that expects it always fails.
const UNREACHABLE: Seq = Seq::new(u32::MAX);

impl Conditions {
    /// Reads `If-Match` and `If-None-Match`.
    ///
    /// # Errors
    /// 422 if one of them is not a list of entity tags.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            if_match: tags(headers, &header::IF_MATCH)?,
            if_none_match: tags(headers, &header::IF_NONE_MATCH)?,
        })
    }

    /// Returns whether the request has no condition.
    pub(crate) fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Returns the sequence that an append must expect so that the conditions hold when it is
    /// stored.
    ///
    /// `current` is the sequence of the entity when the request came. If the conditions fail
    /// already, the result is a sequence that no entity has: the append is tried all the same,
    /// because a repeated idempotency key has to be answered as the first request was.
    pub(crate) fn expected(&self, current: Option<Seq>) -> Seq {
        if self.none_match_fails(current) {
            return UNREACHABLE;
        }
        match &self.if_match {
            None => match self.if_none_match {
                Some(EntityTags::Any) => Seq::NO_STREAM,
                _ => current.unwrap_or(Seq::NO_STREAM),
            },
            Some(EntityTags::Any) => current.unwrap_or(UNREACHABLE),
            Some(EntityTags::List(tags)) => {
                let strong = || {
                    tags.iter()
                        .filter(|tag| !tag.weak)
                        .filter_map(|tag| tag.seq)
                };
                // Never another sequence of the list: checks before the append saw the current one.
                let matching = current.filter(|current| strong().any(|seq| seq == *current));
                matching.unwrap_or(UNREACHABLE)
            }
        }
    }

    /// Returns the sequences of the conditions, or `*`, for the body of a problem.
    pub(crate) fn requested(&self) -> Value {
        match self.if_match.as_ref().or(self.if_none_match.as_ref()) {
            None => Value::Null,
            Some(EntityTags::Any) => json!("*"),
            Some(EntityTags::List(tags)) => {
                let named: Vec<Seq> = tags.iter().filter_map(|tag| tag.seq).collect();
                match named[..] {
                    [only] => json!(only),
                    _ => json!(named),
                }
            }
        }
    }

    /// Returns whether `If-None-Match` matches the current sequence, so that a read is answered
    /// 304.
    ///
    /// Unlike in `If-Match`, weak tags match, too.
    pub(crate) fn none_match_fails(&self, current: Option<Seq>) -> bool {
        match (&self.if_none_match, current) {
            (None, _) | (_, None) => false,
            (Some(EntityTags::Any), Some(_)) => true,
            (Some(EntityTags::List(tags)), current) => tags.iter().any(|tag| tag.seq == current),
        }
    }
}

/// Formats a sequence as the `ETag` that `If-Match` takes.
pub(crate) fn etag(seq: Seq) -> HeaderValue {
    // Digits and quotes are always a valid header value.
    HeaderValue::try_from(format!("\"{seq}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Reads all values of a header as one list of entity tags.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<EntityTags>, Problem> {
    let mut lists = headers.get_all(name).iter().peekable();
    if lists.peek().is_none() {
        return Ok(None);
    }
    let lists: Vec<&str> = lists
        .map(|list| list.to_str().unwrap_or_default().trim())
        .collect();
    // With anything beside it, `*` is no entity tag, and refused below.
    if lists == ["*"] {
        return Ok(Some(EntityTags::Any));
    }
    let mut tags = Vec::new();
    for list in lists {
        for text in list.split(',') {
            if tags.len() == MAX_TAGS {
                let reason = format!("More than {MAX_TAGS} entity tags.");
                return Err(Problem::header(name, &reason));
            }
            match tag(text.trim()) {
                Some(tag) => tags.push(tag),
                None => {
                    let reason = "Not a sequence in quotes, such as \"3\".";
                    return Err(Problem::header(name, reason));
                }
            }
        }
    }
    Ok(Some(EntityTags::List(tags)))
}

/// Parses one entity tag.
fn tag(text: &str) -> Option<EntityTag> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
    // `+3` and `03` are not the tag `3`.
    let seq = opaque.parse().ok().map(Seq::new);
    let seq = seq.filter(|seq: &Seq| seq.to_string() == opaque);
    Some(EntityTag { weak, seq })
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
        (expected != UNREACHABLE).then_some(expected.get())
    }

    #[test]
    fn if_match_expects_current_seq_only_if_strong_tag_matches() {
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
    fn if_none_match_expects_no_stream_or_current_seq_unless_tag_matches() {
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
