//! Why there is no server.

use std::io;
use std::process::ExitStatus;

use super::programs::VERSIONS;
use super::server::PATIENCE;

pub(super) type Result<T> = std::result::Result<T, PostgresError>;

/// Why there is no Postgres server, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No server programs in any of the usual places.
    #[error(
        "found no Postgres server in PGBIN or, without it, in PATH and {VERSIONS}: install \
         Debian's `postgresql`, or set PGBIN to the folder that holds `initdb` and `postgres`, \
         or set DATABASE_URL to a server that is running"
    )]
    NotFound,
    /// Running as root without another user to run the server as.
    #[error(
        "Postgres refuses to run as root, and /etc/passwd has neither `postgres` nor `nobody`: \
         add one of them, or run as another user"
    )]
    NoUser,
    /// A program did not make a cluster.
    #[error("{program} failed:\n{output}")]
    Program {
        /// Such as `initdb`.
        program: &'static str,
        /// What it complained about.
        output: String,
    },
    /// The server ended before it took connections.
    #[error("postgres ended while starting ({status}); its log:\n{log}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// What it logged.
        log: String,
    },
    /// The server runs, but takes no connections.
    #[error("postgres took no connection within {PATIENCE:?}; its log:\n{log}")]
    NotReady {
        /// What it logged.
        log: String,
    },
    /// The server does not shut down.
    #[error("postgres did not stop within {PATIENCE:?} and was killed")]
    NotStopped,
    /// The operating system refused something.
    #[error("cannot {action}: {source}")]
    Io {
        /// What was attempted.
        action: String,
        /// The refusal.
        source: io::Error,
    },
}

pub(super) fn cannot(action: impl Into<String>) -> impl FnOnce(io::Error) -> PostgresError {
    let action = action.into();
    move |source| PostgresError::Io { action, source }
}
