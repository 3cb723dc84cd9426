//! Tools of other languages that tests use.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the folder of the tools, and installs them first if they are not there.
///
/// It is `tools` beside the `CARGO_TARGET_TMPDIR` that cargo gives to the calling test.
///
/// # Errors
/// If the tools cannot be installed; the error holds the output of `tests/tools/install`.
///
/// ```no_run
/// let tools = eventsource_tests::tools::folder("target/tmp")?;
/// assert!(tools.join("python/bin/python").exists());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn folder(tmp: impl AsRef<Path>) -> Result<PathBuf> {
    let tools = tmp.as_ref().with_file_name("tools");
    let output = Command::new(file("tools/install")).arg(&tools).output()?;
    if output.status.success() {
        return Ok(tools);
    }
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Err(Error::other(format!(
        "the tools cannot be installed:\n{out}\n{err}"
    )))
}

/// Returns the [`folder`] of the tools, which is looked at once per program.
///
/// # Panics
/// If the tools cannot be installed.
pub fn installed(tmp: impl AsRef<Path>) -> &'static Path {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    TOOLS.get_or_init(|| folder(tmp).unwrap_or_else(|error| panic!("{error}")))
}

/// Returns the path of a file in `tests`, such as `clients/python/walk.py`.
///
/// ```
/// assert!(eventsource_tests::tools::file("tools/install").exists());
/// ```
#[must_use]
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Runs a command that has to succeed, and returns what it printed.
///
/// ```
/// let printed = eventsource_tests::tools::run(std::process::Command::new("echo").arg("hello"));
/// assert_eq!(printed, "hello\n");
/// ```
///
/// # Panics
/// If the command cannot be run or fails; the message holds all that it printed.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{command:?}\n{out}\n{err}");
    out.into_owned()
}
