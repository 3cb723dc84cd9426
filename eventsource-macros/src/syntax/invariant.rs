//! Parser of `never(..)`, `always(..)` and `eventually(..)`: invariants of every history.

use eventsource_model::findings::Code;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, token};

use super::ParseContext;
use super::formula::{self, ParsedFormula};
use super::list::{parens, skip_to_comma};

pub(super) const KEYS: &[&str] = &["never", "always", "eventually"];

/// Invariant as written.
pub(crate) enum Invariant {
    Never(ParsedFormula),
    Always(ParsedFormula),
    Eventually(ParsedFormula),
}

/// Parses the parentheses after `key`, one of [`KEYS`].
pub(super) fn read(
    key: &Ident,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<Invariant> {
    let word = key.unraw().to_string();
    let help = format!(
        "\n= help: write `{word}({})`",
        example(&word, context.events)
    );
    if !input.peek(token::Paren) {
        let rest = skip_to_comma(input);
        let message = format!("`{word}` takes a formula in parentheses{help}");
        let written = quote::quote!(#key #rest);
        context.errors.push_on(Code::Syntax, written, message);
        return None;
    }
    let (paren, content) = parens(input).ok()?;
    if content.is_empty() {
        let message = format!("`{word}()` needs a formula{help}");
        context.errors.push(Code::Operands, key.span(), message);
        return None;
    }
    let open = paren.span.open();
    let formula = implication(&content, open, context);
    Some(match word.as_str() {
        "eventually" => Invariant::Eventually(formula),
        "never" => Invariant::Never(formula),
        _ => Invariant::Always(formula),
    })
}

/// Writes an example of the invariant, with events of the enum.
fn example(word: &str, events: &[String]) -> String {
    let (first, last) = match events {
        [first, .., last] => (first.as_str(), last.as_str()),
        _ => ("Created", "Ended"),
    };
    match word {
        "never" => format!("{first} & {last}"),
        "always" => format!("{last} => {first}"),
        _ => last.to_owned(),
    }
}

/// Parses a formula in which `=>` is allowed.
fn implication(
    content: ParseStream,
    open: proc_macro2::Span,
    context: &mut ParseContext,
) -> ParsedFormula {
    context.implies = true;
    let formula = formula::contents(content, open, context);
    context.implies = false;
    formula
}
