//! Parser of `never(..)`, `always(..)` and `eventually(..)`: invariants of every history.

use eventsource_model::findings::Code;
use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, token};

use super::ParseContext;
use super::formula::{self, ParsedFormula};
use super::list::{bare_name, drain, parens, skip_to_comma};

pub(super) const KEYS: &[&str] = &["never", "always", "eventually"];

/// Invariant as written.
pub(crate) enum Invariant {
    Never(ParsedFormula),
    Always(ParsedFormula),
    Eventually(Ident),
}

/// Parses the parentheses after `key`, one of [`KEYS`].
pub(super) fn read(
    key: &Ident,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<Invariant> {
    let word = key.unraw().to_string();
    let what = match word.as_str() {
        "eventually" => "an event",
        _ => "a formula",
    };
    let help = format!(
        "\n= help: write `{word}({})`",
        example(&word, context.events)
    );
    if !input.peek(token::Paren) {
        let rest = skip_to_comma(input);
        let message = format!("`{word}` takes {what} in parentheses{help}");
        let written = quote::quote!(#key #rest);
        context.errors.push_on(Code::Syntax, written, message);
        return None;
    }
    let (paren, content) = parens(input).ok()?;
    if content.is_empty() {
        let message = format!("`{word}()` needs {what}{help}");
        context.errors.push(Code::Operands, key.span(), message);
        return None;
    }
    let open = paren.span.open();
    match word.as_str() {
        "eventually" => {
            let event = bare_name(&content, "an event", open, context);
            let rest = drain(&content);
            if let Some(first) = &event
                && !rest.is_empty()
            {
                let help = one_of(quote::quote!(#first #rest), context.events).unwrap_or(help);
                let message = format!("`eventually(..)` takes the bare name of one event{help}");
                context.errors.push(Code::Operands, key.span(), message);
            }
            event.map(Invariant::Eventually)
        }
        "never" => Some(Invariant::Never(implication(&content, open, context))),
        _ => Some(Invariant::Always(implication(&content, open, context))),
    }
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

/// Suggests one of the events that are named in place of a single one.
fn one_of(formula: TokenStream, events: &[String]) -> Option<String> {
    let mut named: Vec<String> = Vec::new();
    let mut pending = vec![formula];
    while let Some(tokens) = pending.pop() {
        for token in tokens {
            match token {
                TokenTree::Group(group) => pending.push(group.stream()),
                TokenTree::Ident(word) => {
                    let word = word.unraw().to_string();
                    if events.contains(&word) && !named.contains(&word) {
                        named.push(word);
                    }
                }
                _ => {}
            }
        }
    }
    let named = named.iter().map(|event| format!("`eventually({event})`"));
    let named = named.collect::<Vec<_>>().join(" or ");
    (!named.is_empty()).then(|| {
        format!(
            "\n= help: write {named}\n= note: no invariant states that one of several events can still happen"
        )
    })
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
