//! Identifiers of SQL: their greatest length, names from outside, and names that are shortened to it.

#[cfg(feature = "postgres")]
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};

/// Maximum length of an identifier in Postgres, in bytes.
pub(crate) const MAX_IDENTIFIER: usize = 63;

/// Checks a name from outside that is used as it is; `kind` says of what it is the name.
#[cfg(feature = "postgres")]
pub(crate) fn check_identifier(kind: &str, name: &str) -> Result<(), InvalidInput> {
    let max_bytes = MAX_IDENTIFIER;
    let (input, problem) = if name.is_empty() {
        (format!("the name of the {kind}"), InputProblem::Empty)
    } else if name.contains('\0') {
        (format!("the {kind} {name:?}"), InputProblem::ContainsNul)
    } else if name.len() > max_bytes {
        (
            format!("the {kind} '{name}', of {} bytes,", name.len()),
            InputProblem::TooLong { max_bytes },
        )
    } else {
        return Ok(());
    };
    Err(InvalidInput::new(input, problem))
}

/// Shortens a name to the maximum length of an identifier.
pub(crate) fn identifier(name: &str) -> String {
    shortened(name, MAX_IDENTIFIER)
}

/// Shortens a name that is longer than `max` bytes to its beginning and a hash of the whole.
pub(crate) fn shortened(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let mut end = max - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:08x}", &name[..end], hash(name))
}

/// Computes the 32-bit FNV-1a hash of a text.
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_distinct_when_shortened() {
        let long = "requires_".repeat(9);
        let (one, other) = (
            identifier(&format!("{long}a")),
            identifier(&format!("{long}b")),
        );
        assert_eq!((one.len(), other.len()), (63, 63));
        assert_ne!(one, other);
        assert_eq!(identifier("task_event_rules"), "task_event_rules");
    }
}
