//! What a type that is written as a text may be: it is asked whether it takes one of these.

use serde_json::{Value, json};

/// A text to try, and what a type is that takes it.
pub(crate) struct Text {
    pub(crate) sample: &'static str,
    /// Of JSON Schema; empty if there is none for it.
    format: &'static str,
    pattern: &'static str,
}

const fn text(sample: &'static str, format: &'static str, pattern: &'static str) -> Text {
    Text {
        sample,
        format,
        pattern,
    }
}

/// In this order: what takes any text is not a time.
pub(crate) const TEXTS: [Text; 11] = [
    // Whatever the databases can keep.
    text("x", "", r"^[^\u0000]*$"),
    text("2026-01-02T03:04:05Z", "date-time", ""),
    text("01976b5e-7c00-7000-8000-000000000000", "uuid", ""),
    text("2026-01-02", "date", ""),
    text(
        "2026-01-02T03:04:05",
        "",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$",
    ),
    text("03:04:05", "", r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$"),
    text("https://example.org/", "uri", ""),
    text("192.0.2.1", "", ""),
    text("2001:db8::1", "ipv6", ""),
    text("1.5", "", ""),
    text("01JGJ6K4G5ZZZZZZZZZZZZZZZZ", "", ""),
];

impl Text {
    pub(crate) fn schema(&self) -> Value {
        let mut schema = json!({"type": "string"});
        if !self.format.is_empty() {
            schema["format"] = self.format.into();
        }
        if !self.pattern.is_empty() {
            schema["pattern"] = self.pattern.into();
        }
        if self.format.is_empty() && self.pattern.is_empty() {
            schema["examples"] = json!([self.sample]);
        }
        schema
    }
}
