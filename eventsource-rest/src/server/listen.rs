//! Listener: accepts connections until it is stopped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::activity::{Activity, Timeouts};
use super::connection::Connection;
use super::connections::Connections;
use super::descriptors;
use super::socket::ObservedSocket;
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::options::limits::Limits;
use crate::options::shutdown::Shutdown;
use crate::options::trusted_proxies::TrustedProxies;

/// Pause after a failure to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Longest time that a connection of the reserve may take for its request.
const RESERVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Shortest time between two warnings about connections that cannot be accepted.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// Server of a router.
pub(crate) struct Server {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) shutdown: Shutdown,
    pub(crate) trusted_proxies: Option<TrustedProxies>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
}

impl Server {
    /// Serves connections until `stop` completes or the shutdown is triggered, and then finishes the
    /// requests in progress, within the grace.
    pub(crate) async fn run(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let connections = Arc::new(Connections::new(
            self.max_connections(),
            self.limits.max_connections_per_client,
        ));
        let mut running = JoinSet::new();
        tokio::select! {
            () = self.accept(&listener, &connections, &mut running) => {}
            () = stop => {}
            () = self.shutdown.triggered() => {}
            () = self.follow_certificate() => {}
        }
        drop(listener);
        self.shutdown.trigger();
        let finished = async { while running.join_next().await.is_some() {} };
        // A client that never finishes its request must not keep the service from stopping.
        if tokio::time::timeout(self.limits.shutdown_grace, finished)
            .await
            .is_err()
        {
            running.shutdown().await;
        }
    }

    /// Returns how many connections the server keeps open.
    fn max_connections(&self) -> usize {
        let wanted = self.limits.max_connections;
        match descriptors::available_for_sockets() {
            Some(available) if available < wanted => {
                tracing::warn!(
                    wanted,
                    available,
                    "the limit of open files allows fewer connections than `max_connections`"
                );
                available
            }
            _ => wanted,
        }
    }

    /// Reads the certificate again when it changes; never returns.
    async fn follow_certificate(&self) {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            tls.follow_files().await;
        }
        std::future::pending::<()>().await;
    }

    /// Accepts connections; never returns.
    async fn accept(
        &self,
        listener: &TcpListener,
        connections: &Arc<Connections>,
        running: &mut JoinSet<()>,
    ) {
        let mut warned_at = None;
        loop {
            connections.settled().await;
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = running.join_next() => continue,
            };
            match accepted {
                Ok((socket, peer)) => self.begin(socket, peer, connections, running),
                Err(error) if is_of_client(&error) => {}
                Err(error) => {
                    let now = Instant::now();
                    if warned_at.is_none_or(|at| now.duration_since(at) >= WARN_EVERY) {
                        warned_at = Some(now);
                        tracing::warn!(%error, "a connection cannot be accepted");
                    }
                    // Mostly there are no more files: an idle connection has one.
                    if connections.evict_idle() {
                        connections.all_settled().await;
                    } else {
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// Begins to serve a connection, if there is a place for it.
    fn begin(
        &self,
        socket: TcpStream,
        peer: SocketAddr,
        connections: &Arc<Connections>,
        running: &mut JoinSet<()>,
    ) {
        let proxies = self.trusted_proxies.as_ref();
        let is_proxy = proxies.is_some_and(|proxies| proxies.contain(peer.ip()));
        let Some(place) = connections.open((!is_proxy).then(|| peer.ip())) else {
            return;
        };
        let mut timeouts = Timeouts::of(&self.limits);
        if place.shortage().is_some() {
            timeouts = timeouts.at_most(RESERVE_TIMEOUT);
        }
        // Responses are written as a whole; waiting for more would only delay them.
        let _ = socket.set_nodelay(true);
        let activity = Arc::new(Activity::new(timeouts));
        let place = Arc::new(place);
        let socket = ObservedSocket::new(socket, Arc::clone(&activity), Arc::clone(&place));
        let connection = Connection {
            peer,
            place,
            activity,
            router: self.router.clone(),
            max_head_bytes: self.limits.max_head_bytes,
            shutdown: self.shutdown.clone(),
        };
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            running.spawn(connection.serve_encrypted(socket, tls));
            return;
        }
        running.spawn(connection.serve(socket));
    }
}

/// Returns whether the client of the connection has caused the error.
fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
