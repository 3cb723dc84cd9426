//! Names may hold anything; what is written around them may not.

/// The text with the sign for it in place of what breaks lines, reverses them or is not a character
/// in XML.
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
