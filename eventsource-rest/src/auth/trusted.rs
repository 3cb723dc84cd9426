//! Believing what a request says of itself.

use axum::http::HeaderMap;
use axum::http::request::Parts;
use eventsource_core::Actor;

use crate::auth::actor::Authenticator;
use crate::wire::problem::Problem;

const ACTOR: &str = "x-actor";
const ROLES: &str = "x-roles";

/// Takes for true who a request says it is from: `X-Actor` is the name, `X-Roles` the roles, with
/// commas between them.
///
/// Whoever reaches the service can be anyone. It is for development, and for behind a proxy that
/// sets both headers itself and lets none through; making one logs a warning.
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
    /// A source that believes everyone, and says so in the log.
    #[must_use]
    pub fn insecure() -> Self {
        tracing::warn!(
            "ANYONE CAN BE ANYONE: the service believes the headers X-Actor and X-Roles of every \
             request. This is for development only."
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
                Some(_) => Err(Problem::unauthorized(
                    "X-Roles says whose roles in X-Actor.",
                )),
            };
        };
        let roles = roles.unwrap_or_default().split(',').map(str::trim);
        let roles = roles.filter(|role| !role.is_empty());
        Ok(Some(roles.fold(Actor::new(id), Actor::with_role)))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let value = std::str::from_utf8(value.as_bytes()).map(str::trim);
    match value {
        Ok(value) if !value.is_empty() => Ok(Some(value)),
        _ => Err(Problem::unauthorized(&format!("{name} is not a text."))),
    }
}
