//! Suggestions for unknown words: "did you mean".

/// Least similarity of words that are suggested for each other, by Jaro and Winkler.
const ALIKE: f64 = 0.8;

/// Similarity of a word to a name that has it among its words: nearly equal.
const PART: f64 = 0.99;

/// Largest number of names in a list; more would bury the error.
const LISTED: usize = 12;

/// Returns the candidate that is most similar to `word`.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = plain(word);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = if candidate.split('_').any(|part| part == word) {
            // `not` is meant to be `but_not` and not `nothing`.
            PART
        } else {
            strsim::jaro_winkler(&word, &plain(candidate))
        };
        // The first of equals wins, so the answer depends on nothing but the order.
        if likeness > ALIKE && best.is_none_or(|(least, _)| likeness > least) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Normalizes a word: case and underscores do not count.
fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

/// Writes the help that suggests one of `candidates`, else lists them as "the {kind} are ..".
pub(crate) fn help(word: &str, what: &str, candidates: &[&str]) -> String {
    if let Some(candidate) = closest(word, candidates.iter().copied()) {
        return format!("\n= help: did you mean `{candidate}`?");
    }
    if candidates.is_empty() || candidates.len() > LISTED {
        return String::new();
    }
    format!("\n= help: the {what} are {}", list(candidates))
}

/// Writes a list: `` `a`, `b`, `c` ``.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    names.join(", ")
}
