//! Parser of `accumulate = ..`.

use eventsource_model::Accumulator;
use eventsource_model::findings::Code;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, token};

use super::Reader;
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

type Written = Accumulator<Ident>;

/// Parses an accumulator.
///
/// `after` is the location of the error if nothing follows. After `None` the input is anywhere
/// before the next comma.
pub(super) fn read(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let word = bare_name(input, "an accumulator", after, reader)?;
    let name = word.unraw().to_string();
    let content = if input.peek(token::Paren) {
        Some(parens(input).ok()?)
    } else {
        None
    };
    let Some((paren, content)) = content else {
        return simple(&name).or_else(|| {
            report(&word, &name, false, reader);
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
            reader.errors.push_on(Code::Operands, operands, message);
        }
        return Some(simple);
    }
    if !WORDS.contains(&name.as_str()) {
        report(&word, &name, true, reader);
        drain(&content);
        return None;
    }
    if content.is_empty() {
        report(&word, &name, true, reader);
        return None;
    }
    if name == "compose" {
        let parts = comma_list(
            &content,
            "an accumulator",
            "`,`",
            reader,
            |input, reader| read(input, close, reader),
        );
        return Some(Accumulator::Compose(parts.into()));
    }
    let mut events = comma_list(&content, "an event", "`,`", reader, |input, reader| {
        bare_name(input, "an event", close, reader)
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
                reader.errors.push(Code::Operands, word.span(), message);
            }
            (!events.is_empty()).then(|| Accumulator::Alias(events.remove(0)))
        }
    }
}

/// Returns the accumulator of this name, of those without operands.
fn simple(name: &str) -> Option<Written> {
    match name {
        "current" => Some(Accumulator::Current),
        "keep" => Some(Accumulator::Keep),
        "union" => Some(Accumulator::Union),
        _ => None,
    }
}

/// Reports a word that is no accumulator, or lacks its operands.
fn report(word: &Ident, name: &str, called: bool, reader: &mut Reader) {
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
        _ if reader.is_event(word) => format!(
            "`{name}` is an event, not an accumulator\n= help: write `alias({name})` for the state `{{{name}}}`"
        ),
        _ => {
            let help = suggest::help(name, "accumulators", WORDS);
            format!("unknown accumulator `{name}`{help}")
        }
    };
    reader.errors.push(code, word.span(), message);
}
