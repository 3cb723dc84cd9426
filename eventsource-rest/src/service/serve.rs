//! Server that runs a service until it is stopped.

use std::future::Future;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::builder::Service;
use super::error::BuildError;

/// Error of running a service.
///
/// ```
/// # use eventsource_rest::{BuildError, ServeError};
/// let error = ServeError::from(BuildError::DuplicateMachine { entity: "task" });
/// assert_eq!(error.to_string(), "the machine of 'task' is mounted twice");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Service that cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Service without an [`Authenticator`](crate::Authenticator), at an address that other
    /// computers may reach.
    #[error(
        "the service does not authenticate clients, and others may reach {address}: add \
         `.authenticator(..)`, or `.anonymous()` if everybody there may read and append"
    )]
    NoAuthenticator {
        /// Address of the listener.
        address: SocketAddr,
    },
    /// Failure of the listener.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Runs a service until `stop` completes.
///
/// Then it accepts no more connections, closes the streams, and waits for the requests in progress,
/// at most as long as [`Limits::shutdown_grace`](crate::Limits::shutdown_grace).
///
/// It speaks HTTP/1.1, and closes connections of clients that are too slow or too many, as
/// [`Limits`](crate::Limits) says.
///
/// Requests must name `localhost`, the address of the listener, [`Service::public_url`] or one of
/// [`Service::hosts`] as their host; at an address such as `0.0.0.0`, any address is accepted.
///
/// # Errors
/// [`ServeError`] if the service cannot be built or the listener fails, and
/// [`ServeError::NoAuthenticator`] if other computers may reach the listener, and the service has
/// neither [`Service::authenticator`] nor [`Service::anonymous`].
///
/// ```
/// # use eventsource_core::Store;
/// # use tasks::TaskEvent;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::connect("sqlite::memory:").await?;
/// let service = eventsource_rest::Service::new().mount(store.migrate::<TaskEvent>().await?);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// let stop = async { /* wait for a signal */ };
/// eventsource_rest::serve(listener, service, stop).await?;
/// # Ok(())
/// # }
/// ```
pub async fn serve(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    if !address.ip().to_canonical().is_loopback() && !service.knows_actors() {
        return Err(ServeError::NoAuthenticator { address });
    }
    let server = service.into_server(address)?;
    server.run(listener, stop).await;
    Ok(())
}
