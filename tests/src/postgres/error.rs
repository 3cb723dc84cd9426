//! Error of starting or stopping a server.

use std::io;
use std::process::ExitStatus;

use crate::waiting::LIMIT;

/// Folder where Debian keeps one folder for each installed version, none of them on `PATH`.
pub(super) const VERSIONS: &str = "/usr/lib/postgresql";

pub(super) type Result<T> = std::result::Result<T, PostgresError>;

/// Error of starting or stopping a Postgres server, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// Missing server programs in all of the usual places.
    #[error(
        "found no Postgres server in PGBIN or, without it, in PATH and {VERSIONS}: install \
         Debian's `postgresql`, or set PGBIN to the folder that holds `initdb` and `postgres`, \
         or set DATABASE_URL to a server that is running"
    )]
    NotFound,
    /// User root, as which Postgres does not run, and no other user to run it as.
    #[error(
        "Postgres refuses to run as root, and /etc/passwd has neither `postgres` nor `nobody`: \
         add one of them, or run as another user"
    )]
    NoUser,
    /// Program that failed to make a cluster.
    #[error("{program} failed:\n{output}")]
    Program {
        /// Name of the program, such as `initdb`.
        program: &'static str,
        /// Output of the program.
        output: String,
    },
    /// Server that ended before it took connections.
    #[error("postgres ended while starting ({status}); its log:\n{log}")]
    Ended {
        /// Exit status of the server.
        status: ExitStatus,
        /// Log of the server.
        log: String,
    },
    /// Server that runs but takes no connections.
    #[error("postgres took no connection within {LIMIT:?}; its log:\n{log}")]
    NotReady {
        /// Log of the server.
        log: String,
    },
    /// Server that does not shut down.
    #[error("postgres did not stop within {LIMIT:?} and was killed")]
    NotStopped,
    /// Error of the operating system.
    #[error("cannot {action}: {source}")]
    Io {
        /// Attempted action.
        action: String,
        /// Error of the action.
        source: io::Error,
    },
}

pub(super) fn cannot(action: impl Into<String>) -> impl FnOnce(io::Error) -> PostgresError {
    let action = action.into();
    move |source| PostgresError::Io { action, source }
}
