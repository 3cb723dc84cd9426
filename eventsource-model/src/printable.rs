//! Escaping of names that may hold any character.

/// Replaces control characters by their visible signs: line breaks, marks that reverse text, and
/// characters that XML excludes.
pub(crate) fn printable(text: &str) -> String {
    let breaks = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || u32::from(c) & 0xfffe == 0xfffe
    };
    text.chars()
        .map(|c| if breaks(c) { '\u{fffd}' } else { c })
        .collect()
}
