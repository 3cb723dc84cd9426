//! Parser of `never(..)`, `always(..)` and `eventually(..)`: invariants of every history.

use eventsource_model::findings::Code;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, token};

use super::Reader;
use super::formula::{self, Written};
use super::list::{bare_name, drain, parens, skip_to_comma};

pub(super) const KEYS: &[&str] = &["never", "always", "eventually"];

/// Invariant as written.
pub(crate) enum Invariant {
    Never(Written),
    Always(Written),
    Eventually(Ident),
}

/// Parses the parentheses after `key`, one of [`KEYS`].
pub(super) fn read(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Invariant> {
    let word = key.unraw().to_string();
    let (what, example) = match word.as_str() {
        "never" => ("a formula", "Created & Ended"),
        "always" => ("a formula", "Started => Created"),
        _ => ("an event", "Ended"),
    };
    let help = format!("\n= help: write `{word}({example})`");
    if !input.peek(token::Paren) {
        let rest = skip_to_comma(input);
        let message = format!("`{word}` takes {what} in parentheses{help}");
        let written = quote::quote!(#key #rest);
        reader.errors.push_on(Code::Syntax, written, message);
        return None;
    }
    let (paren, content) = parens(input).ok()?;
    if content.is_empty() {
        let message = format!("`{word}()` needs {what}{help}");
        reader.errors.push(Code::Operands, key.span(), message);
        return None;
    }
    let open = paren.span.open();
    match word.as_str() {
        "eventually" => {
            let event = bare_name(&content, "an event", open, reader);
            if event.is_some() && !content.is_empty() {
                let message = format!("`eventually(..)` takes the bare name of one event{help}");
                reader.errors.push(Code::Operands, key.span(), message);
            }
            drain(&content);
            event.map(Invariant::Eventually)
        }
        "never" => Some(Invariant::Never(implication(&content, open, reader))),
        _ => Some(Invariant::Always(implication(&content, open, reader))),
    }
}

/// Parses a formula in which `=>` is allowed.
fn implication(content: ParseStream, open: proc_macro2::Span, reader: &mut Reader) -> Written {
    reader.implies = true;
    let formula = formula::contents(content, open, reader);
    reader.implies = false;
    formula
}
