//! What is wrong with a webhook that cannot be set up.

use std::net::IpAddr;
use std::time::Duration;

use crate::handler::webhook::secret::SecretError;

/// Webhook that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// URL that a webhook does not post to.
    #[error("the URL of the webhook is refused: {reason}")]
    Url {
        /// What is wrong; the URL is not repeated, since it may hold a secret.
        reason: String,
    },
    /// Address in the URL that is not on the public internet.
    #[error(
        "{address} is not on the public internet; allow its network if the endpoint is meant to be there"
    )]
    Address {
        /// Address that the URL names.
        address: IpAddr,
    },
    /// Text that is no network.
    #[error("{network:?} is no network such as 10.1.0.0/16")]
    Network {
        /// Text that was given.
        network: String,
    },
    /// No secret, although the program did not say that the webhook is unsigned.
    #[error("the webhook has no secret: give it one with `signed_with`, or say `unsigned`")]
    Unsigned,
    /// More secrets than a rotation has.
    #[error("the webhook has {actual} secrets: at most the new one and the one before it")]
    Secrets {
        /// Number of secrets.
        actual: usize,
    },
    /// Timeout that is nothing, or longer than a minute.
    #[error("the timeout of the webhook is {actual:?}: more than nothing and at most a minute")]
    Timeout {
        /// Timeout that was given.
        actual: Duration,
    },
    /// Secret that cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Certificates of the system that cannot be loaded.
    #[error("the client cannot be made")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}
