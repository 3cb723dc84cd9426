//! Errors after which a try in place is of no use.

use std::error::Error;

/// Error after which the key is set aside at once, and tried again later.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct SetAside(pub(crate) Box<dyn Error + Send + Sync>);
