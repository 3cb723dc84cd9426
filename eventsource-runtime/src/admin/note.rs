//! Who does something to a subscription, and why.

use crate::error::RuntimeError;

/// Longest name of a person, in bytes.
const MAX_ACTOR: usize = 255;

/// Longest reason, in bytes.
const MAX_REASON: usize = 2000;

/// Person who does something to a subscription, and why; it is recorded.
///
/// ```
/// use eventsource_runtime::Note;
///
/// let note = Note::by("ann", "the customer was deleted on request");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub(crate) actor: String,
    pub(crate) reason: String,
}

impl Note {
    /// Creates the note of a person.
    pub fn by(actor: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            reason: reason.into(),
        }
    }

    /// Checks that both can be stored, and say something.
    pub(crate) fn check(&self) -> Result<(), RuntimeError> {
        let texts = [
            ("actor", &self.actor, MAX_ACTOR),
            ("reason", &self.reason, MAX_REASON),
        ];
        for (field, text, most) in texts {
            if text.trim().is_empty() || text.len() > most || text.contains('\0') {
                return Err(RuntimeError::Note {
                    field,
                    most,
                    length: text.len(),
                });
            }
        }
        Ok(())
    }
}
