//! File of a database, compared with the one that was opened.
//!
//! Whoever renames, deletes or replaces the file of a running program leaves it the old one: appends
//! would go on into a file that nobody finds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::Error;

/// Time for which a file that was found is not looked up again by appends.
const FRESH: Duration = Duration::from_secs(1);

/// File as it was when it was opened.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    identity: Option<Identity>,
    /// When it was found last.
    found: Mutex<Instant>,
}

/// Device and number of a file, which it keeps when it is renamed.
type Identity = (u64, u64);

impl OpenedFile {
    /// Remembers the file at a path.
    pub(crate) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            identity: identity(path),
            found: Mutex::new(Instant::now()),
        }
    }

    /// Fails if there is another file at the path, or none.
    pub(crate) fn check(&self) -> Result<(), Error> {
        // Where files have no numbers, none was remembered.
        if self.identity.is_some() && identity(&self.path) != self.identity {
            return Err(Error::DatabaseFileReplaced {
                path: self.path.clone(),
            });
        }
        if let Ok(mut found) = self.found.lock() {
            *found = Instant::now();
        }
        Ok(())
    }

    /// Does the same, unless the file was found a moment ago.
    pub(crate) fn check_now_and_then(&self) -> Result<(), Error> {
        let found = self.found.lock().map(|found| *found);
        match found {
            Ok(found) if found.elapsed() < FRESH => Ok(()),
            _ => self.check(),
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

/// Fails if the folder of a file that may have to be made does not exist.
pub(crate) fn check_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder.as_os_str().is_empty() || fs::metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    let missing = format!(
        "the folder '{}' of the database file '{}' does not exist, or is none: create it first",
        folder.display(),
        path.display()
    );
    Err(Error::Unavailable {
        source: missing.into(),
    })
}
