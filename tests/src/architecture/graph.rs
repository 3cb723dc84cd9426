//! Graph of which file imports which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::source::Source;

/// Imports between files, by their module paths such as `store/contract/names`.
pub(super) struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    /// Reads the sources of a crate of this workspace.
    pub(super) fn of_crate(name: &str) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sources = Source::read_all(&workspace.join(name).join("src"));
        assert!(!sources.is_empty(), "no sources of {name}");
        Self::of(&sources)
    }

    /// Reads sources from texts.
    pub(super) fn of_files(files: &[(&str, &str)]) -> Self {
        let sources: Vec<Source> = files
            .iter()
            .map(|(name, text)| Source::parse(name, text))
            .collect();
        Self::of(&sources)
    }

    fn of(sources: &[Source]) -> Self {
        let names = Names::of(sources);
        let mut imports = BTreeMap::new();
        for source in sources {
            let has_children = names.has_children(&source.module);
            let targets = source
                .paths
                .iter()
                // A table of contents depends on nothing that it only passes on.
                .filter(|path| !(path.reexport && has_children))
                .filter_map(|path| names.absolute(&source.module, &path.segments))
                .filter_map(|path| names.file_of(&path, 0))
                .filter(|target| !target.is_empty() && *target != source.module)
                .map(|target| target.join("/"));
            imports.insert(source.module.join("/"), targets.collect());
        }
        Self(imports)
    }

    /// Returns the imports that point up, or between folders that share a layer.
    pub(super) fn upward(&self, layers: &[&[&str]]) -> Vec<String> {
        let place = |file: &str| {
            let within = |folder: &str| file == folder || file.starts_with(&format!("{folder}/"));
            layers.iter().enumerate().find_map(|(layer, folders)| {
                let folder = folders.iter().position(|folder| within(folder))?;
                Some((layer, folder))
            })
        };
        let mut upward = Vec::new();
        for (file, targets) in &self.0 {
            for target in targets {
                if let (Some(from), Some(to)) = (place(file), place(target))
                    && (to.0 > from.0 || to.0 == from.0 && to.1 != from.1)
                {
                    upward.push(format!("{file} -> {target}"));
                }
            }
        }
        upward
    }

    /// Returns the groups of files that import each other in a circle.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&String, BTreeSet<&String>> = self
            .0
            .keys()
            .map(|file| (file, self.reached_from(file)))
            .collect();
        let mut circles = BTreeSet::new();
        for (file, targets) in &reached {
            let circle: Vec<String> = targets
                .iter()
                .filter(|target| reached.get(*target).is_some_and(|back| back.contains(file)))
                .map(|target| (*target).clone())
                .collect();
            if targets.contains(file) {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn reached_from(&self, file: &str) -> BTreeSet<&String> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&String> = self.0.get(file).into_iter().flatten().collect();
        while let Some(target) = next.pop() {
            if reached.insert(target) {
                next.extend(self.0.get(target).into_iter().flatten());
            }
        }
        reached
    }
}

/// Modules of a crate, and the names that they re-export.
struct Names {
    modules: BTreeSet<Vec<String>>,
    reexports: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Names {
    fn of(sources: &[Source]) -> Self {
        let mut names = Self {
            modules: sources.iter().map(|source| source.module.clone()).collect(),
            reexports: BTreeMap::new(),
        };
        for source in sources {
            for path in source.paths.iter().filter(|path| path.reexport) {
                if let (Some(absolute), Some(name)) = (
                    names.absolute(&source.module, &path.segments),
                    path.segments.last(),
                ) {
                    let key = (source.module.clone(), name.clone());
                    names.reexports.insert(key, absolute);
                }
            }
        }
        names
    }

    fn has_children(&self, module: &[String]) -> bool {
        let is_child =
            |other: &Vec<String>| other.len() > module.len() && other.starts_with(module);
        self.modules.iter().any(is_child)
    }

    /// Returns the path from the root of the crate; `None` if it leads into another crate.
    fn absolute(&self, module: &[String], segments: &[String]) -> Option<Vec<String>> {
        let mut base = module.to_vec();
        let mut rest = segments;
        match segments.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = &segments[1..];
            }
            "super" => {
                while let Some(("super", after)) = rest
                    .split_first()
                    .map(|(first, after)| (first.as_str(), after))
                {
                    base.pop();
                    rest = after;
                }
            }
            first => {
                let mut child = base.clone();
                child.push(first.to_owned());
                if !self.modules.contains(&child) {
                    return None;
                }
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// Returns the module that defines what the path names, through re-exports.
    fn file_of(&self, path: &[String], depth: usize) -> Option<Vec<String>> {
        let module = (0..=path.len())
            .rev()
            .map(|length| &path[..length])
            .find(|module| self.modules.contains(*module))?;
        let rest = &path[module.len()..];
        if let Some(name) = rest.first()
            && depth < 10
            && let Some(target) = self.reexports.get(&(module.to_vec(), name.clone()))
        {
            let target: Vec<String> = target.iter().chain(&rest[1..]).cloned().collect();
            return self.file_of(&target, depth + 1);
        }
        Some(module.to_vec())
    }
}
