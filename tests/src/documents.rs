//! Links and names in the documents: each leads to something that exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the files below `folder` that are part of the project.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry of the folder").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with(".git") {
                files_below(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

fn documents() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    files_below(&root(), &mut files);
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    assert!(files.len() > 50, "{} documents", files.len());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a document");
        (path, text)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn links_in_documents_lead_to_files() {
    let mut broken = Vec::new();
    for (path, text) in documents() {
        let links = text.split("](").skip(1);
        for target in links.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)) {
            let file = target.split('#').next().unwrap_or_default();
            let is_file = !file.is_empty() && !target.contains("://") && !file.contains("::");
            let folder = path.parent().expect("a folder");
            if is_file && file.contains(['/', '.']) && !folder.join(file).exists() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn sources_named_in_documents_exist() {
    let mut files = Vec::new();
    files_below(&root(), &mut files);
    let files: Vec<String> = files
        .iter()
        .filter_map(|path| path.strip_prefix(root()).ok())
        .map(|path| format!("/{}", path.display()))
        .collect();
    let mut missing = BTreeSet::new();
    for (path, text) in documents() {
        for name in text.split('`') {
            let is_source = Path::new(name).extension().is_some_and(|end| end == "rs")
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
            if is_source && !files.iter().any(|file| file.ends_with(&format!("/{name}"))) {
                missing.insert(format!("{}: {name}", path.display()));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}
