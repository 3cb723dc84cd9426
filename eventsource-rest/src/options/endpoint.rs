//! Endpoints that can be switched off.

/// Endpoint of a service that can be switched off by [`Service::without`](crate::Service::without).
///
/// An endpoint that is off is answered 404, as any unknown path, and the OpenAPI document does not
/// have it.
///
/// ```
/// use eventsource_rest::{Endpoint, Service};
///
/// let service = Service::new().without([Endpoint::Metrics, Endpoint::Docs]);
/// # drop(service);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/metrics`: counts of requests, appends and problems (feature `metrics`).
    Metrics,
    /// `/api/v1/machine` and all below it: the rules of the machines, their pictures and schemas.
    Machine,
    /// `/api/v1/task/validate` of every machine: dry runs.
    Validate,
    /// `/api/openapi.json`, and `/api/docs` (feature `docs`).
    Docs,
}
