//! Paths that a source file names, read from its text.

use std::fs;
use std::path::Path;

/// Source file of a crate.
pub(super) struct Source {
    /// Module path within the crate; empty for `lib.rs`.
    pub(super) module: Vec<String>,
    pub(super) paths: Vec<NamedPath>,
}

/// Path of another item, as the file writes it.
pub(super) struct NamedPath {
    pub(super) segments: Vec<String>,
    /// Whether it is made public by a `pub use`.
    pub(super) reexport: bool,
}

impl Source {
    /// Reads all files below `folder`, but those of unit tests.
    pub(super) fn read_all(folder: &Path) -> Vec<Self> {
        let mut sources = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).expect("a folder of sources") {
                let path = entry.expect("an entry of the folder").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(folder).expect("a file below the folder");
                    let name = name.with_extension("");
                    let name = name.to_str().expect("a name in UTF-8");
                    if name.split('/').all(|part| part != "tests") {
                        let text = fs::read_to_string(&path).expect("a source file");
                        sources.push(Self::parse(name, &text));
                    }
                }
            }
        }
        sources
    }

    /// Parses a file, named as in `store/contract/mod`.
    pub(super) fn parse(name: &str, text: &str) -> Self {
        let mut module: Vec<String> = name.split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
            module.pop();
        }
        let text = without_comments_and_strings(text);
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let mut paths = Vec::new();
        let mut rest = String::new();
        for statement in text.split_inclusive(';') {
            match use_tree(statement) {
                Some((before, reexport, tree)) => {
                    rest.push_str(before);
                    flatten(tree, &[], &mut |segments| {
                        paths.push(NamedPath { segments, reexport });
                    });
                }
                None => rest.push_str(statement),
            }
        }
        for root in ["crate::", "super::"] {
            for (at, _) in rest.match_indices(root) {
                let is_root =
                    !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                if is_root {
                    let path: String = rest[at..]
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
                        .collect();
                    let segments = path.split("::").filter(|segment| !segment.is_empty());
                    paths.push(NamedPath {
                        segments: segments.map(str::to_owned).collect(),
                        reexport: false,
                    });
                }
            }
        }
        Self { module, paths }
    }
}

/// Splits a statement that ends with `use ..;` into what precedes it, whether it is public, and the
/// tree of names.
fn use_tree(statement: &str) -> Option<(&str, bool, &str)> {
    let at = statement.rfind("use ").filter(|at| {
        statement[..*at].trim_end().is_empty() || statement[..*at].ends_with([' ', '\n'])
    })?;
    let tree = statement[at + 4..].trim().strip_suffix(';')?;
    if tree.contains(|c: char| !(c.is_alphanumeric() || "_:{},* \n".contains(c))) {
        return None;
    }
    let before = &statement[..at];
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    Some((before, line.starts_with("pub"), tree))
}

/// Calls `found` with each path of a tree such as `a::{b, c::{self, d as e}}`.
fn flatten(tree: &str, prefix: &[String], found: &mut impl FnMut(Vec<String>)) {
    let tree = tree.trim();
    let (head, group) = match tree.split_once('{') {
        Some((head, group)) => (head, group.strip_suffix('}')),
        None => (tree.split(" as ").next().unwrap_or_default(), None),
    };
    let mut path = prefix.to_vec();
    let segments = head.split("::").map(str::trim);
    path.extend(
        segments
            .filter(|segment| !matches!(*segment, "" | "self" | "*"))
            .map(str::to_owned),
    );
    let Some(group) = group else {
        return found(path);
    };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !group[start..at].trim().is_empty() {
                    flatten(&group[start..at], &path, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// Replaces comments by nothing and strings by `""`.
fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if let Some(string) = rest.strip_prefix('"') {
            code.push_str("\"\"");
            let mut escaped = false;
            let end = string.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}
