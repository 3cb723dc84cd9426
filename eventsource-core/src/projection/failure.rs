//! Failure to process an event, and what is to be done about it.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Failure to process an event, which says what is to be done about it.
///
/// Any error becomes [`Retry`](Self::Retry) by `?`.
///
/// ```
/// use eventsource_core::Failure;
///
/// fn amount(text: &str) -> Result<u32, Failure> {
///     Ok(text.parse()?)
/// }
/// assert!(matches!(amount("many"), Err(Failure::Retry { after: None, .. })));
/// let failure = Failure::park("the address is unknown");
/// assert_eq!(failure.to_string(), "the address is unknown");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// Failure that may be over at the next try.
    Retry {
        /// Error of this try.
        error: Box<dyn Error + Send + Sync>,
        /// Time to wait; as the subscription says if it is not given.
        after: Option<Duration>,
    },
    /// Failure of this event that more tries do not help: its key waits for a person.
    ///
    /// A read model has no keys that could wait, and halts.
    Park(Box<dyn Error + Send + Sync>),
    /// Failure after which nothing more is processed until a person has looked.
    Halt(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// Creates a failure that may be over at the next try.
    pub fn retry(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Retry {
            error: error.into(),
            after: None,
        }
    }

    /// Creates a failure of this event, which more tries do not help.
    pub fn park(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Park(error.into())
    }

    /// Creates a failure after which nothing more is processed.
    pub fn halt(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Halt(error.into())
    }

    /// Returns the error.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        match self {
            Self::Retry { error, .. } | Self::Park(error) | Self::Halt(error) => &**error,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.error(), f)
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::retry(error)
    }
}
