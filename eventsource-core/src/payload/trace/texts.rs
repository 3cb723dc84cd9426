//! Sample texts, with which the format of a type that serde writes as text is found out.

use serde_json::{Value, json};

/// Sample text, with the format or pattern of a type that accepts it.
pub(crate) struct SampleText {
    pub(crate) sample: &'static str,
    /// Format of JSON Schema; empty if there is none.
    format: &'static str,
    /// Regular expression; empty if there is none.
    pattern: &'static str,
}

/// Creates a sample text.
const fn text(sample: &'static str, format: &'static str, pattern: &'static str) -> SampleText {
    SampleText {
        sample,
        format,
        pattern,
    }
}

/// Sample texts in the order in which they are tried: any text first, since a type that accepts "x"
/// has no format.
pub(crate) const TEXTS: [SampleText; 11] = [
    // Any text that the databases can store.
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

impl SampleText {
    /// Returns the JSON Schema of a type that accepts this text.
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
