//! Result of authenticating a request, which its limits and its handler share.

use axum::http::request::Parts;
use eventsource_core::Actor;

use super::actor::DynAuthenticator;
use crate::wire::problem::Problem;

/// Actor of a request; `None` if the request carries no credentials, a problem if they are wrong.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated(pub(crate) Result<Option<Actor>, Problem>);

impl Authenticated {
    /// Authenticates a request.
    ///
    /// An actor whose name or roles are empty or too long, or who has too many, is a problem.
    pub(crate) async fn of(authenticator: &dyn DynAuthenticator, request: &Parts) -> Self {
        Self(match authenticator.actor_boxed(request).await {
            Ok(Some(actor)) => match actor.check() {
                Ok(()) => Ok(Some(actor)),
                Err(invalid) => Err(Problem::unauthorized(&format!(
                    "The actor cannot be used: {invalid}."
                ))),
            },
            other => other,
        })
    }
}
