//! Authenticator that trusts the headers of every request.

use axum::http::HeaderMap;
use axum::http::request::Parts;
use eventsource_core::Actor;

use crate::auth::actor::Authenticator;
use crate::wire::problem::Problem;

/// Header with the name of the actor.
const ACTOR: &str = "x-actor";
/// Header with the roles of the actor.
const ROLES: &str = "x-roles";

/// Authenticator that trusts two headers: `X-Actor` is the actor, `X-Roles` its roles, separated by
/// commas.
///
/// Any client can claim to be any actor. Use it for development, or behind a proxy that sets both
/// headers itself and removes those of its clients.
///
/// ```
/// use eventsource_core::Store;
/// use eventsource_rest::{Service, TrustedHeaders};
/// # use tasks::TaskEvent;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Store::connect("sqlite::memory:").await?;
/// # let tasks = store.migrate::<TaskEvent>().await?;
/// let api = Service::new()
///     .mount(tasks)
///     .authenticator(TrustedHeaders::insecure())
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TrustedHeaders(());

impl TrustedHeaders {
    /// Creates the authenticator, and logs a warning that clients are not authenticated.
    #[must_use]
    pub fn insecure() -> Self {
        tracing::warn!(
            "INSECURE: the service trusts the headers X-Actor and X-Roles of every request, so any \
             client can be any actor; use this for development only"
        );
        Self(())
    }
}

impl Authenticator for TrustedHeaders {
    async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        let roles = text(&request.headers, ROLES)?;
        let Some(id) = text(&request.headers, ACTOR)? else {
            return match roles {
                None => Ok(None),
                Some(_) => Err(Problem::unauthorized("X-Roles requires X-Actor.")),
            };
        };
        let roles = roles.unwrap_or_default().split(',').map(str::trim);
        let roles = roles.filter(|role| !role.is_empty());
        Ok(Some(roles.fold(Actor::new(id), Actor::with_role)))
    }
}

/// Reads a header as text; `None` if it is missing.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let value = std::str::from_utf8(value.as_bytes()).map(str::trim);
    match value {
        Ok(value) if !value.is_empty() => Ok(Some(value)),
        _ => Err(Problem::unauthorized(&format!(
            "{name} is empty or not valid UTF-8."
        ))),
    }
}
