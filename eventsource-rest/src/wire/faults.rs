//! Faults of a request: those of its body and headers, of which the first are kept.

use serde::Serialize;

/// Most faults that are collected; reading stops with the next one.
pub(crate) const MAX_FAULTS: usize = 100;

/// Longest text of a client that is repeated to it, in bytes.
const MAX_LINE: usize = 200;

/// Fault of one field of a body, or of a header.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Fault {
    /// Name of the field or header.
    pub(crate) field: String,
    /// JSON pointer into the body (RFC 6901); `None` for a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// Sentence that names the field.
    pub(crate) message: String,
    /// Reasons why the field is refused.
    pub(crate) reasons: Vec<String>,
}

impl Fault {
    /// Describes a fault of a field of the object at the pointer `at`; `_schema` is that object
    /// itself.
    ///
    /// A long name or reason is cut.
    pub(crate) fn at(at: &str, field: &str, reason: impl AsRef<str>) -> Self {
        let field = line(field);
        let pointer = match field.as_str() {
            "_schema" => at.to_owned(),
            field => format!("{at}/{}", field.replace('~', "~0").replace('/', "~1")),
        };
        Self {
            message: format!("Could not validate field: {field}"),
            field,
            pointer: Some(pointer),
            reasons: vec![line(reason.as_ref())],
        }
    }

    /// Returns the name of the fault in a problem's detail: its field, or its pointer within a
    /// list.
    pub(crate) fn label(&self) -> &str {
        let in_list = |pointer: &&String| pointer.matches('/').count() > 1;
        self.pointer.as_ref().filter(in_list).unwrap_or(&self.field)
    }
}

/// Faults of one request, up to a number of them.
#[derive(Debug)]
pub(crate) struct Faults {
    kept: Vec<Fault>,
    max: usize,
    has_more: bool,
}

impl Faults {
    /// Creates an empty list that keeps up to `max` faults.
    pub(crate) fn up_to(max: usize) -> Self {
        Self {
            kept: Vec::new(),
            max,
            has_more: false,
        }
    }

    /// Adds a fault, unless there are enough.
    pub(crate) fn push(&mut self, fault: Fault) {
        match self.kept.len() < self.max {
            true => self.kept.push(fault),
            false => self.has_more = true,
        }
    }

    /// Returns whether a fault was left out, so that there is no use in reading on.
    pub(crate) fn has_more(&self) -> bool {
        self.has_more
    }

    /// Returns the number of faults so far, those that were left out being one.
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + usize::from(self.has_more)
    }

    /// Returns the faults that were kept.
    pub(crate) fn kept(&self) -> &[Fault] {
        &self.kept
    }

    /// Sorts the faults from index `first` on by field.
    pub(crate) fn sort_from(&mut self, first: usize) {
        if let Some(faults) = self.kept.get_mut(first..) {
            faults.sort_by(|one, other| one.field.cmp(&other.field));
        }
    }
}

/// Cuts a text of a client to what is repeated to it.
pub(crate) fn line(text: &str) -> String {
    if text.len() <= MAX_LINE {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MAX_LINE)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        let fault = Fault::at("", &"ü".repeat(1000), "ü".repeat(1000));
        assert_eq!(fault.field, format!("{}…", "ü".repeat(MAX_LINE / 2)));
        assert_eq!(fault.reasons[0].len(), MAX_LINE + "…".len());
        assert_eq!(line(&"ü".repeat(100)), "ü".repeat(100));
        assert_eq!(line(&format!("a{}", "ü".repeat(100))).len(), 199 + 3);
    }

    #[test]
    fn faults_beyond_the_most_are_left_out() {
        let mut faults = Faults::up_to(2);
        for field in ["c", "b", "a"] {
            assert!(!faults.has_more());
            faults.push(Fault::at("", field, "Unknown field."));
        }
        assert!(faults.has_more());
        faults.sort_from(0);
        let fields: Vec<&str> = faults.kept().iter().map(|fault| &*fault.field).collect();
        assert_eq!((fields, faults.count()), (vec!["b", "c"], 3));
    }
}
