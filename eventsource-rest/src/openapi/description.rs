//! Settings of the service that an OpenAPI document describes.

use crate::options::limits::Limits;

/// Settings of the service that the document describes.
pub(crate) struct ServiceDescription {
    /// Whether the service has an authenticator, so that clients may send credentials.
    pub(crate) authenticated: bool,
    /// Limits of the service.
    pub(crate) limits: Limits,
}
