//! Trait of authenticators.

use std::future::Future;
use std::pin::Pin;

use axum::http::request::Parts;
use eventsource_core::Actor;

use crate::wire::problem::Problem;

/// Authenticator: finds the actor that sends a request.
///
/// `Jwt` (feature `jwt`) and [`TrustedHeaders`](crate::TrustedHeaders) are ready-made; an
/// application implements this trait for its own tokens, sessions or headers of a proxy.
///
/// A header can be given twice: read it by `get_all`, and refuse the request then, unless only a
/// proxy sets it. The service itself refuses a second `Authorization`, `X-Actor` and `X-Roles`.
///
/// Credentials that browsers send by themselves, such as cookies, are safe to use: requests of
/// pages of other origins are refused, see [`Service::cors`](crate::Service::cors).
///
/// The service calls it once for each request but those for health, metrics and docs, also to count
/// what one actor asks for. A read of a machine without an actor is answered 401, unless the machine says
/// `public`; what an actor may read is said by `read_by(..)` and by the
/// [`ReadPolicy`](eventsource_core::ReadPolicy) of the store that was mounted. A stream that has begun
/// goes on after its token has expired; a policy is asked again as it goes on.
///
/// A name or a role that is empty or longer than 255 bytes, or more than 64 roles, are answered 401.
///
/// ```
/// use axum::http::request::Parts;
/// use eventsource_core::Actor;
/// use eventsource_rest::{Authenticator, Problem};
///
/// struct OneToken;
///
/// impl Authenticator for OneToken {
///     async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
///         match request.headers.get("authorization") {
///             None => Ok(None),
///             Some(token) if token == "Bearer 7f3a" => {
///                 Ok(Some(Actor::new("ann").with_role("MANAGER")))
///             }
///             Some(_) => Err(Problem::unauthorized("The token is unknown.")),
///         }
///     }
/// }
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// Returns the actor of a request; `None` if the request carries no credentials.
    ///
    /// # Errors
    /// The response to a request whose credentials are wrong, such as [`Problem::unauthorized`].
    fn actor(&self, request: &Parts)
    -> impl Future<Output = Result<Option<Actor>, Problem>> + Send;
}

/// Future of [`DynAuthenticator::actor_boxed`].
type ActorFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Actor>, Problem>> + Send + 'a>>;

/// [`Authenticator`] that can be behind a pointer.
pub(crate) trait DynAuthenticator: Send + Sync {
    /// Calls [`Authenticator::actor`].
    fn actor_boxed<'a>(&'a self, request: &'a Parts) -> ActorFuture<'a>;
}

impl<S: Authenticator> DynAuthenticator for S {
    fn actor_boxed<'a>(&'a self, request: &'a Parts) -> ActorFuture<'a> {
        Box::pin(self.actor(request))
    }
}
