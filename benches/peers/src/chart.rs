//! Bar chart of a table.

use std::fmt::Write;

use crate::report::{Table, number};

const LABEL: f64 = 150.0;
const BARS: f64 = 440.0;
const ROW: f64 = 18.0;
const FONT: &str = "font-family=\"system-ui, sans-serif\" font-size=\"12\"";

/// Draws a group of bars for each column, one bar for each side; the first side is this project.
pub fn svg(table: &Table) -> String {
    let group = table.rows.len() as f64 * ROW + 40.0;
    let height = group * table.columns.len() as f64 + 20.0;
    let width = LABEL + BARS + 80.0;
    // Readable on a light and on a dark page.
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" {FONT}>\n\
         <title>{}</title>\n\
         <style>text {{ fill: #57606a }} .ours {{ fill: #1f6feb }} .other {{ fill: #afb8c1 }}\n\
         @media (prefers-color-scheme: dark) {{ text {{ fill: #c9d1d9 }} .other {{ fill: #6e7681 }} }}</style>\n",
        escaped(table.title)
    );
    for (at, column) in table.columns.iter().enumerate() {
        let top = group * at as f64 + 20.0;
        let _ = writeln!(
            svg,
            "<text x=\"0\" y=\"{}\" font-weight=\"bold\">{}</text>",
            top,
            escaped(column)
        );
        let values = || {
            table
                .rows
                .iter()
                .filter_map(|row| Some((&row.0, row.1.get(at).copied().flatten()?.median)))
        };
        let most = values()
            .map(|(_, value)| value)
            .fold(f64::MIN_POSITIVE, f64::max);
        for (row, (name, value)) in values().enumerate() {
            let y = top + 10.0 + ROW * row as f64;
            let class = if row == 0 { "ours" } else { "other" };
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"{class}\" x=\"{LABEL}\" y=\"{y}\" width=\"{:.1}\" height=\"{}\"/>\
                 <text x=\"{:.1}\" y=\"{}\">{}</text>",
                LABEL - 6.0,
                y + 12.0,
                escaped(name),
                value / most * BARS,
                ROW - 4.0,
                LABEL + value / most * BARS + 6.0,
                y + 12.0,
                number(value),
            );
        }
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
