//! Authenticator of your own for the HTTP API: finds the actor of a request by a session cookie.

use std::collections::HashMap;

use axum::http::header::COOKIE;
use axum::http::request::Parts;
use eventsource_core::Actor;
use eventsource_rest::{Authenticator, Problem};

/// Sessions of users who have signed in, by the value of their cookie.
///
/// A real one would look into a database or ask another service, which it may await.
#[derive(Debug, Default)]
pub struct Sessions(HashMap<String, Actor>);

impl Sessions {
    /// Adds a session.
    #[must_use]
    pub fn with(mut self, cookie: &str, actor: Actor) -> Self {
        self.0.insert(cookie.to_owned(), actor);
        self
    }
}

impl Authenticator for Sessions {
    async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        let cookies = request.headers.get_all(COOKIE).iter();
        let session = cookies
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix("session="));
        match session {
            // Whoever is not signed in may still write events that are reserved for no role.
            None => Ok(None),
            Some(session) => match self.0.get(session) {
                Some(actor) => Ok(Some(actor.clone())),
                None => Err(Problem::unauthorized("The session has expired.")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::http::header::CONTENT_TYPE;
    use eventsource_core::{EntityId, Role, Store};
    use eventsource_rest::Service;
    use tower::ServiceExt;

    use super::*;
    use crate::{AccountEvent, Staff};

    /// Sends an event of one account, and returns the status of the answer.
    async fn append(api: &Router, id: EntityId, cookie: Option<&str>, event: &str) -> u16 {
        let mut request = Request::post(format!("/api/v1/account/{id}/account_event"))
            .header(CONTENT_TYPE, "application/json");
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let request = request.body(Body::from(event.to_owned())).unwrap();
        api.clone().oneshot(request).await.unwrap().status().into()
    }

    #[tokio::test]
    async fn session_decides_who_may_freeze_an_account() {
        let store = Store::connect("sqlite::memory:").await.unwrap();
        let accounts = store.migrate::<AccountEvent>().await.unwrap();
        let sessions = Sessions::default()
            .with("7f3a", Actor::new("ann").with_role(Staff::Auditor.name()))
            .with("0c21", Actor::new("bob"));
        let service = Service::new().mount(accounts.clone());
        let api = service.authenticator(sessions).build().unwrap();

        let id = EntityId::new();
        let opened = r#"{"eventType": "OPENED", "owner": "carol"}"#;
        let frozen = r#"{"eventType": "FROZEN"}"#;
        assert_eq!(append(&api, id, None, opened).await, 201);
        assert_eq!(append(&api, id, None, frozen).await, 401);
        assert_eq!(append(&api, id, Some("session=gone"), frozen).await, 401);
        assert_eq!(append(&api, id, Some("session=0c21"), frozen).await, 403);
        assert_eq!(
            append(&api, id, Some("a=b; session=7f3a"), frozen).await,
            201
        );

        let history = accounts.history(id).await.unwrap();
        let actors: Vec<_> = history
            .iter()
            .map(|event| event.metadata.actor.as_deref())
            .collect();
        assert_eq!(actors, [None, Some("ann")]);
    }
}
