//! One connection: its requests, and when it is closed.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep_until;

use super::activity::Activity;
use super::connections::{Place, Shortage};
#[cfg(feature = "tls")]
use super::socket::ObservedSocket;
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::options::shutdown::Shutdown;
use crate::wire::held_body::hold_until_sent;
use crate::wire::problem::Problem;

/// Smallest buffer for reading or writing, in bytes; hyper's own is six times as large.
const BUFFER_SIZE: usize = 64 * 1024;

/// Paths that are answered also when there are too many connections.
const ALWAYS_ANSWERED: [&str; 3] = ["/api/health", "/api/ready", "/metrics"];

/// Connection that has a place.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) place: Arc<Place>,
    pub(super) activity: Arc<Activity>,
    pub(super) router: Router,
    pub(super) max_head_bytes: usize,
    pub(super) shutdown: Shutdown,
}

impl Connection {
    /// Makes the handshake, and serves the connection as [`serve`](Self::serve) does.
    #[cfg(feature = "tls")]
    pub(super) async fn serve_encrypted(self, socket: ObservedSocket, tls: Tls) {
        let handshake = async {
            tokio::select! {
                shaken = until_deadline(tls.accept(socket), &self.activity) => shaken?.ok(),
                () = self.place.give_way() => None,
                () = self.shutdown.triggered() => None,
            }
        };
        if let Some(stream) = handshake.await {
            self.serve(stream).await;
        }
    }

    /// Serves the connection until the client or the server closes it.
    pub(super) async fn serve(self, socket: impl AsyncRead + AsyncWrite + Unpin) {
        let Self {
            peer,
            place,
            activity,
            router,
            max_head_bytes,
            shutdown,
        } = self;
        let mut builder = http1::Builder::new();
        builder
            .keep_alive(place.shortage().is_none())
            // The deadline of the activity does it.
            .header_read_timeout(None)
            .max_buf_size(BUFFER_SIZE.max(max_head_bytes))
            .max_header_size(max_head_bytes);
        let requests = Requests {
            peer,
            place: Arc::clone(&place),
            activity: Arc::clone(&activity),
            router: TowerToHyperService::new(router),
        };
        let service = service_fn(|request| requests.answer(request));
        let mut serving = pin!(builder.serve_connection(TokioIo::new(socket), service));
        let mut stopping = false;
        loop {
            tokio::select! {
                // Why a connection ends is its client's business.
                _ended = until_deadline(serving.as_mut(), &activity) => return,
                () = place.give_way() => return,
                () = shutdown.triggered(), if !stopping => {
                    if activity.is_quiet() {
                        return;
                    }
                    stopping = true;
                    serving.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// Runs what serves a connection until it ends, or until a deadline of the activity has passed.
///
/// Only running it changes the activity, so the deadline is read each time after that.
async fn until_deadline<T>(serving: impl Future<Output = T>, activity: &Activity) -> Option<T> {
    let mut serving = pin!(serving);
    let mut alarm = pin!(None);
    poll_fn(|context| {
        if let Poll::Ready(ended) = serving.as_mut().poll(context) {
            return Poll::Ready(Some(ended));
        }
        let Some(deadline) = activity.deadline() else {
            return Poll::Pending;
        };
        match alarm.as_mut().as_pin_mut() {
            None => alarm.set(Some(sleep_until(deadline))),
            Some(set) if set.deadline() != deadline => set.reset(deadline),
            Some(_) => {}
        }
        match alarm.as_mut().as_pin_mut() {
            Some(set) => set.poll(context).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}

/// Requests of a connection.
struct Requests {
    peer: SocketAddr,
    place: Arc<Place>,
    activity: Arc<Activity>,
    router: TowerToHyperService<Router>,
}

impl Requests {
    /// Passes a request to the router, unless there are too many connections.
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response, std::convert::Infallible>> + use<> {
        let in_progress = self.begin();
        let refused = match self.place.shortage() {
            _ if ALWAYS_ANSWERED.contains(&request.uri().path()) => None,
            shortage => shortage.map(refusal),
        };
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.call(request);
        async move {
            let Some(in_progress) = in_progress else {
                // The connection is being closed, and nothing is sent any more.
                return std::future::pending().await;
            };
            let response = match refused {
                None => answer.await?,
                Some(problem) => {
                    let mut response = problem.into_response();
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                    response
                }
            };
            Ok(hold_until_sent(response, in_progress))
        }
    }

    /// Begins a request; `None` if the connection has given way.
    fn begin(&self) -> Option<InProgress> {
        self.place.begin_request().then(|| {
            self.activity.begin_request();
            InProgress(Arc::clone(&self.activity))
        })
    }
}

/// Creates the problem of a request on a connection without a full place.
fn refusal(shortage: Shortage) -> Problem {
    match shortage {
        Shortage::OfServer => Problem::busy(
            "overloaded",
            "Too many connections",
            "The service has too many connections.",
        ),
        Shortage::OfClient => Problem::too_many_requests(
            "You have the most connections that one client may have, each with a request in progress.",
        ),
    }
}

/// Request in progress, until its whole response has been made or the connection is closed.
struct InProgress(Arc<Activity>);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.end_request();
    }
}
