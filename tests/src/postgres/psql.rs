//! Command of `psql`, which comes with the server.

use std::process::{Command, Stdio};

use super::error::Result;
use super::programs;

/// Returns a command of `psql` that reads no settings of the user and prints errors without context.
///
/// # Errors
///
/// [`PostgresError::NotFound`](super::PostgresError::NotFound) if the server's programs are not there.
pub fn psql() -> Result<Command> {
    let mut command = Command::new(programs::find()?.join("psql"));
    command
        .args(["--no-psqlrc", "--quiet", "--set=SHOW_CONTEXT=never"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    Ok(command)
}
