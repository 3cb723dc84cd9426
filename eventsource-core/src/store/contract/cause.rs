//! Error of the database behind another error.

use std::sync::Arc;

/// Returns the error of the database that caused this one, if one did.
pub(crate) fn database_error<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a sqlx::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<sqlx::Error>() {
            return Some(found);
        }
        if let Some(found) = error.downcast_ref::<Arc<sqlx::Error>>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
