//! Lines of text and their width.
//!
//! Widths are multiples of the width of a letter, which varies by a few percent among monospaced
//! fonts.

use super::drawing::Arrow;

const BOX_LETTER: f64 = 7.3;
pub(super) const BOX_LINE: f64 = 16.0;
pub(super) const LABEL_LETTER: f64 = 6.7;
pub(super) const LABEL_LINE: f64 = 14.0;
/// Longest line, in letters, where a line can be broken.
const WRAP: usize = 34;

/// Returns the lines of an arrow's label: one event per line, or several if there are many.
pub(super) fn label_lines(arrow: &Arrow) -> Vec<String> {
    let events = arrow.events.iter().map(|event| event.text.clone());
    let lines: Vec<String> = events.collect();
    if lines.len() > 4 {
        wrap(&[lines.join(", ")])
    } else {
        lines
    }
}

/// Breaks long lines after commas.
pub(super) fn wrap(lines: &[String]) -> Vec<String> {
    let mut wrapped = Vec::new();
    for line in lines {
        let mut current = String::new();
        for part in line.split_inclusive(", ") {
            if !current.is_empty() && letters(&current) + letters(part) > WRAP as f64 {
                wrapped.push(std::mem::take(&mut current).trim_end().to_owned());
            }
            current.push_str(part);
        }
        wrapped.push(current);
    }
    wrapped
}

/// Returns the width in letters; a letter of East Asia counts as two.
pub(super) fn letters(text: &str) -> f64 {
    let wide =
        |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'..);
    text.chars().map(|c| if wide(c) { 2.0 } else { 1.0 }).sum()
}

pub(super) fn box_width(lines: &[String]) -> f64 {
    let widest = lines.iter().map(|line| letters(line)).fold(0.0, f64::max);
    (widest * BOX_LETTER + 22.0).max(60.0)
}

pub(super) fn text_width(lines: &[String]) -> f64 {
    lines.iter().map(|line| letters(line)).fold(0.0, f64::max) * LABEL_LETTER
}
