//! "did you mean": the help below an unknown word.

/// How alike two words must be to suggest one for the other, by Jaro and Winkler.
const ALIKE: f64 = 0.8;

/// How alike a word is to a name that has it among its words: nearly the same.
const PART: f64 = 0.99;

/// More names than this are not listed: they would bury the error.
const LISTED: usize = 12;

/// The candidate that was probably meant by `word`.
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

/// Case and underscores do not count: `CREATED` is `Created`.
fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

/// Help that suggests one of `candidates`, else lists them as "the {what} are ..".
pub(crate) fn help(word: &str, what: &str, candidates: &[&str]) -> String {
    if let Some(candidate) = closest(word, candidates.iter().copied()) {
        return format!("\n= help: did you mean `{candidate}`?");
    }
    if candidates.is_empty() || candidates.len() > LISTED {
        return String::new();
    }
    format!("\n= help: the {what} are {}", list(candidates))
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    names.join(", ")
}
