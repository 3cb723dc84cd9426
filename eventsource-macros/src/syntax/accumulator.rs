//! Parser of `accumulate = ..`.

use eventsource_model::Accumulator;
use eventsource_model::findings::Code;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, token};

use super::ParseContext;
use super::list::{bare_name, comma_list, drain, parens};
use crate::suggest;

const WORDS: &[&str] = &[
    "current",
    "keep",
    "union",
    "alias",
    "addition",
    "difference",
    "compose",
];

type ParsedAccumulator = Accumulator<Ident>;

/// Parses an accumulator.
///
/// `after` is the location of the error if nothing follows. After `None` the input is anywhere
/// before the next comma.
pub(super) fn read(
    input: ParseStream,
    after: Span,
    context: &mut ParseContext,
) -> Option<ParsedAccumulator> {
    let word = bare_name(input, "an accumulator", after, context)?;
    let name = word.unraw().to_string();
    let content = if input.peek(token::Paren) {
        Some(parens(input).ok()?)
    } else {
        None
    };
    let Some((paren, content)) = content else {
        return simple(&name).or_else(|| {
            report(&word, &name, false, context);
            None
        });
    };
    let close = paren.span.close();
    if let Some(simple) = simple(&name) {
        if !content.is_empty() {
            let operands = drain(&content);
            let message = format!(
                "`{name}()` takes no operands\n= help: `addition(..)` adds the events it names, `alias(..)` stands for another event"
            );
            context.errors.push_on(Code::Operands, operands, message);
        }
        return Some(simple);
    }
    if !WORDS.contains(&name.as_str()) {
        report(&word, &name, true, context);
        drain(&content);
        return None;
    }
    if content.is_empty() {
        report(&word, &name, true, context);
        return None;
    }
    if name == "compose" {
        let parts = comma_list(
            &content,
            "an accumulator",
            "`,`",
            context,
            |input, context| read(input, close, context),
        );
        return Some(Accumulator::Compose(parts.into()));
    }
    let mut events = comma_list(&content, "an event", "`,`", context, |input, context| {
        bare_name(input, "an event", close, context)
    });
    match name.as_str() {
        "addition" => Some(Accumulator::Addition(events.into())),
        "difference" => Some(Accumulator::Difference(events.into())),
        _ => {
            if events.len() > 1 {
                let message = format!(
                    "`alias(..)` takes one event, found {}\n= help: write `compose(alias({}), addition(..))` for a state of several",
                    events.len(),
                    events[0],
                );
                context.errors.push(Code::Operands, word.span(), message);
            }
            (!events.is_empty()).then(|| Accumulator::Alias(events.remove(0)))
        }
    }
}

/// Returns the accumulator of this name, of those without operands.
fn simple(name: &str) -> Option<ParsedAccumulator> {
    match name {
        "current" => Some(Accumulator::Current),
        "keep" => Some(Accumulator::Keep),
        "union" => Some(Accumulator::Union),
        _ => None,
    }
}

/// Reports a word that is no accumulator, or lacks its operands.
fn report(word: &Ident, name: &str, called: bool, context: &mut ParseContext) {
    let parens = if called { "()" } else { "" };
    let code = match name {
        "alias" | "addition" | "difference" | "compose" => Code::Operands,
        _ => Code::Syntax,
    };
    let message = match name {
        "alias" => {
            format!("`alias{parens}` needs an event\n= help: write `alias(Created)`")
        }
        "addition" | "difference" => {
            format!("`{name}{parens}` needs events\n= help: write `{name}(Created)`")
        }
        "compose" => format!(
            "`compose{parens}` needs accumulators\n= help: write `compose(union(), difference(Created))`"
        ),
        _ if context.is_event(word) => format!(
            "`{name}` is an event, not an accumulator\n= help: write `alias({name})` for the state `{{{name}}}`"
        ),
        _ => {
            let help = suggest::help(name, "accumulators", WORDS);
            format!("unknown accumulator `{name}`{help}")
        }
    };
    context.errors.push(code, word.span(), message);
}
