//! Who asks.

use std::future::Future;
use std::pin::Pin;

use axum::http::request::Parts;
use eventsource_core::Actor;

use crate::wire::problem::Problem;

/// Turns a request into the one who asks, which the application knows how to do: by a token, by a
/// session, by what a proxy in front has found out.
///
/// It is asked for appends and dry runs. Reading is for all who reach the service; layers of the
/// application can say otherwise.
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
///             Some(_) => Err(Problem::unauthorized("The token is not known.")),
///         }
///     }
/// }
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// The one who asks; `None` for a request that does not say.
    ///
    /// # Errors
    /// What the request is answered if what it says is wrong, such as [`Problem::unauthorized`].
    fn actor(&self, request: &Parts)
    -> impl Future<Output = Result<Option<Actor>, Problem>> + Send;
}

type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Actor>, Problem>> + Send + 'a>>;

/// An [`Authenticator`] behind a pointer.
pub(crate) trait DynAuthenticator: Send + Sync {
    fn find<'a>(&'a self, request: &'a Parts) -> Found<'a>;
}

impl<S: Authenticator> DynAuthenticator for S {
    fn find<'a>(&'a self, request: &'a Parts) -> Found<'a> {
        Box::pin(self.actor(request))
    }
}
