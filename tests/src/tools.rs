//! Tools of other languages that tests try things with.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the tools, beside cargo's `CARGO_TARGET_TMPDIR` of the calling test, where
/// `tests/tools/install` puts them if they are not there.
///
/// # Errors
/// That the tools cannot be installed, and why.
///
/// ```no_run
/// let tools = eventsource_tests::tools::folder(std::path::Path::new("target/tmp"))?;
/// assert!(tools.join("python/bin/python").exists());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn folder(tmp: &Path) -> Result<PathBuf> {
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/install");
    let tools = tmp.with_file_name("tools");
    let output = Command::new(install).arg(&tools).output()?;
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
