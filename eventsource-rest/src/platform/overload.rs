//! Limits of requests in progress, of all clients and of each, and of their duration.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::auth::actor::DynAuthenticator;
use crate::auth::authenticated::Authenticated;
use crate::clients::key::ClientKey;
use crate::clients::table::{ClientPermit, Clients, RequestClient};
use crate::options::limits::Limits;
use crate::options::trusted_proxies::TrustedProxies;
use crate::wire::held_body::hold_until_sent;
use crate::wire::problem::Problem;
use crate::wire::timed_body::{BodyRate, TimedBody};

/// Limiter of requests in progress.
pub(crate) struct RequestLimiter {
    /// Permits, one for each request that may still be accepted.
    free: Arc<Semaphore>,
    timeout: std::time::Duration,
    clients: Arc<Clients>,
    authenticator: Option<Arc<dyn DynAuthenticator>>,
    trusted_proxies: Option<TrustedProxies>,
}

impl RequestLimiter {
    /// Creates a limiter of the number and the duration of requests.
    pub(crate) fn new(
        limits: &Limits,
        authenticator: Option<Arc<dyn DynAuthenticator>>,
        trusted_proxies: Option<TrustedProxies>,
    ) -> Self {
        let max_in_flight = limits.max_in_flight.min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(max_in_flight)),
            timeout: limits.request_timeout,
            clients: Arc::new(Clients::new(limits)),
            authenticator,
            trusted_proxies,
        }
    }

    /// Authenticates a request, counts it as one of its client, and passes it on.
    ///
    /// Handlers find [`Authenticated`] and [`RequestClient`] in its extensions.
    async fn run(
        &self,
        request: Request,
        next: Next,
    ) -> Result<(Response, Option<ClientPermit>), Problem> {
        let (mut parts, body) = request.into_parts();
        let mut client = None;
        if let Some(authenticator) = &self.authenticator {
            let authenticated = Authenticated::of(authenticator.as_ref(), &parts).await;
            if let Authenticated(Ok(Some(actor))) = &authenticated {
                client = Some(ClientKey::Actor(actor.id().to_owned()));
            }
            parts.extensions.insert(authenticated);
        }
        // Without `ConnectInfo`, as under another server, nothing is known of clients without actor.
        if let (None, Some(ConnectInfo(peer))) =
            (&client, parts.extensions.get::<ConnectInfo<SocketAddr>>())
        {
            let address = match &self.trusted_proxies {
                Some(proxies) => proxies.client(peer.ip(), &parts.headers),
                None => peer.ip(),
            };
            client = Some(ClientKey::of_address(address));
        }
        let mut permit = None;
        if let Some(key) = client {
            permit = Some(self.clients.begin_request(key.clone())?);
            let clients = Arc::clone(&self.clients);
            parts.extensions.insert(RequestClient { clients, key });
        }
        let response = next.run(Request::from_parts(parts, body)).await;
        Ok((response, permit))
    }
}

/// Answers a request with 503 if there are too many, with 429 if its client has too many, or with
/// 503 if its response does not begin in time.
///
/// The request is in progress until its response has been sent. A stream counts only until its
/// response begins; open streams have a limit of their own.
pub(crate) async fn limit(
    State(limiter): State<Arc<RequestLimiter>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(permit) = Arc::clone(&limiter.free).try_acquire_owned() else {
        let problem = unavailable("overloaded", "Too many requests");
        return problem.into_response();
    };
    match tokio::time::timeout(limiter.timeout, limiter.run(request, next)).await {
        Ok(Ok((response, _))) if is_stream(&response) => response,
        Ok(Ok((response, client))) => hold_until_sent(response, (permit, client)),
        Ok(Err(refused)) => refused.into_response(),
        Err(_) => unavailable("timed-out", "The request took too long")
            .detail(
                "The request took too long. An append may still have been stored: send it again \
                 with the same Idempotency-Key.",
            )
            .into_response(),
    }
}

/// Returns whether the response is a stream of events.
fn is_stream(response: &Response) -> bool {
    let media = response.headers().get(header::CONTENT_TYPE);
    media.is_some_and(|media| media.as_bytes().starts_with(b"text/event-stream"))
}

/// Creates a 503 that the client may retry.
fn unavailable(kind: &str, title: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, title).with("retryable", true)
}

/// Lets the body of a request fail if it arrives too slowly.
pub(crate) async fn limit_body_rate(State(rate): State<BodyRate>, request: Request) -> Request {
    request.map(|body| TimedBody::wrap(body, rate))
}
