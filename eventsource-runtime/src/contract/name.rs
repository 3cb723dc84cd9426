//! Name of a subscription.

/// Longest name, so that a table with its generation has a name that Postgres takes whole.
const MAX_LENGTH: usize = 48;

/// Tells whether a subscription may have this name: `^[a-z][a-z0-9_]{0,47}$`.
pub(crate) fn is_valid(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= MAX_LENGTH
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn names_are_those_that_the_tables_accept() {
        for name in ["a", "tasks_by_day", &"x".repeat(48)] {
            assert!(is_valid(name), "{name}");
        }
        for name in [
            "",
            "Tasks",
            "1day",
            "_a",
            "a-b",
            "é",
            "a\0",
            &"x".repeat(49),
        ] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
