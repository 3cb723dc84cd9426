//! Search for the programs of the server.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::{PostgresError, Result, VERSIONS};

/// Finds the folder that holds `initdb` and `postgres`.
pub(super) fn find() -> Result<PathBuf> {
    find_in(
        env::var_os("PGBIN").as_deref(),
        env::var_os("PATH").as_deref(),
        Path::new(VERSIONS),
    )
}

fn find_in(pgbin: Option<&OsStr>, path: Option<&OsStr>, versions: &Path) -> Result<PathBuf> {
    let folders = match pgbin {
        Some(pgbin) if !pgbin.is_empty() => vec![PathBuf::from(pgbin)],
        _ => env::split_paths(path.unwrap_or_default())
            .chain(newest_first(versions))
            .collect(),
    };
    folders
        .into_iter()
        // The programs run in another folder, where a relative path leads elsewhere.
        .filter_map(|folder| folder.canonicalize().ok())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .map(|folder| home_of(&folder).unwrap_or(folder))
        .ok_or(PostgresError::NotFound)
}

/// Returns the folder that links to some of the programs lead to, which has all of them.
fn home_of(folder: &Path) -> Option<PathBuf> {
    let home = folder.join("initdb").canonicalize().ok()?;
    let home = home.parent()?;
    home.join("postgres").is_file().then(|| home.to_owned())
}

fn newest_first(versions: &Path) -> impl Iterator<Item = PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(versions)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs_in(folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for program in ["initdb", "postgres"] {
            fs::write(folder.join(program), "").unwrap();
        }
    }

    #[test]
    fn find_with_several_versions_takes_newest_complete() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for version in ["9", "15", "16", "common"] {
            programs_in(&root.join(version).join("bin"));
        }
        // Client programs only.
        fs::create_dir_all(root.join("17/bin")).unwrap();
        let found = find_in(None, None, &root).unwrap();
        assert_eq!(found, root.join("16/bin"));
    }

    #[test]
    fn find_prefers_pgbin_to_path_to_versions() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (pgbin, path, versions) = (root.join("a"), root.join("b"), root.join("c"));
        for folder in [&pgbin, &path, &versions.join("15/bin")] {
            programs_in(folder);
        }
        let find = |pgbin: &Path, path: &Path| {
            find_in(Some(pgbin.as_os_str()), Some(path.as_os_str()), &versions).ok()
        };
        let unset = Path::new("");
        assert_eq!(find(&pgbin, &path), Some(pgbin));
        assert_eq!(find(unset, &path), Some(path.clone()));
        assert_eq!(find(unset, &root), Some(versions.join("15/bin")));
        // A wrong one is not made up for.
        assert_eq!(find(&root, &path), None);
    }
}
