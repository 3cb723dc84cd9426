//! Kind of a subscription.

use std::fmt;

use serde::Serialize;

/// Kind of a subscription.
///
/// ```
/// assert_eq!(eventsource_runtime::Kind::View.to_string(), "view");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Read model of keyed values.
    View,
    /// Read model with SQL of its own.
    Projection,
    /// Handler of events, such as a webhook.
    Handler,
    /// Process manager.
    Process,
    /// Timed transitions.
    Deadline,
}

impl Kind {
    /// Returns the name that the tables have for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Projection => "projection",
            Self::Handler => "handler",
            Self::Process => "process",
            Self::Deadline => "deadline",
        }
    }

    /// Tells whether it is a read model, which has generations and can be rebuilt.
    #[must_use]
    pub const fn is_model(self) -> bool {
        matches!(self, Self::View | Self::Projection)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
