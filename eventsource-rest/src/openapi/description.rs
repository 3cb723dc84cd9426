//! Settings of the service that an OpenAPI document describes.

use std::collections::BTreeSet;

use crate::options::endpoint::Endpoint;
use crate::options::limits::Limits;
use crate::wire::base_url::BaseUrl;

/// Settings of the service that the document describes.
pub(crate) struct ServiceDescription {
    /// Whether the service has an authenticator, so that clients may send credentials.
    pub(crate) authenticated: bool,
    /// Limits of the service.
    pub(crate) limits: Limits,
    /// Base of the URLs in responses.
    pub(crate) base_url: BaseUrl,
    /// Endpoints that are switched off.
    pub(crate) without: BTreeSet<Endpoint>,
}
