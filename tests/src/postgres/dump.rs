//! Dumps a database as SQL text.

use std::process::{Command, Stdio};

use super::error::{PostgresError, Result, cannot};
use super::programs;

/// Returns the text of `pg_dump` for the database at a URL: SQL alone, without owners, that any
/// client can send to an empty database.
///
/// # Errors
///
/// [`PostgresError::NotFound`] if the server's programs are not there, and what `pg_dump` complained
/// about.
pub fn dump(url: &str) -> Result<String> {
    let mut command = Command::new(programs::find()?.join("pg_dump"));
    command
        .args(["--no-owner", "--rows-per-insert=100", "--dbname", url])
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    let output = command.output().map_err(cannot("run pg_dump"))?;
    if !output.status.success() {
        return Err(PostgresError::Program {
            program: "pg_dump",
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| !is_for_one_version(line));
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}

/// Returns whether the line is for `psql` alone, or sets what older servers do not know.
fn is_for_one_version(line: &str) -> bool {
    let only = ["\\restrict", "\\unrestrict", "SET transaction_timeout"];
    only.iter().any(|start| line.starts_with(start))
}
