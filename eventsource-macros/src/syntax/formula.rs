//! `follows = ..`: words, sugar, and the operators `!`, `&`, `|`.

use eventsource_model::{Formula, findings::Code};
use proc_macro2::{Delimiter, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token, token};

use super::Reader;
use super::list::{bare_name, comma_list, drain, next_token, parens, qualified_name, quoted_name};
use crate::suggest;

/// The words that are not events, with parentheses or without.
pub(super) const WORDS: &[&str] = &[
    "all_of",
    "any_of",
    "but_not",
    "nothing",
    "event",
    "any_state",
    "non_terminal",
];

/// What may come after a formula.
pub(super) const NEXT: &str = "`,`, `&` or `|`";

/// What a formula names.
#[derive(Clone)]
pub(crate) enum Word {
    Event(Ident),
    /// Sugar that depends on the other variants.
    NonTerminal,
}

type Written = Formula<Word>;

/// Reads a formula. `after` is where the error stands if none comes. After `None` the input is
/// anywhere before the next comma.
///
/// A mistake that leaves the structure clear is reported and read as *something*, so that the
/// rest of the formula is checked too: nothing is generated from it.
pub(super) fn read(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let mut operands = vec![conjunction(input, after, reader)?];
    loop {
        let after = input.span();
        if let Ok(doubled) = input.parse::<Token![||]>() {
            let message = "write `|` instead of `||`";
            reader.errors.push_on(Code::Syntax, doubled, message);
        } else if input.parse::<Token![|]>().is_err() {
            break;
        }
        operands.push(conjunction(input, after, reader)?);
    }
    Some(joined(operands, Formula::any_of))
}

fn conjunction(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let mut operands = vec![operand(input, after, reader)?];
    loop {
        let after = input.span();
        if let Ok(doubled) = input.parse::<Token![&&]>() {
            let message = "write `&` instead of `&&`";
            reader.errors.push_on(Code::Syntax, doubled, message);
        } else if input.parse::<Token![&]>().is_err() {
            break;
        }
        operands.push(operand(input, after, reader)?);
    }
    Some(joined(operands, Formula::all_of))
}

fn joined(mut operands: Vec<Written>, join: fn(Vec<Written>) -> Written) -> Written {
    if operands.len() == 1 {
        operands.remove(0)
    } else {
        join(operands)
    }
}

fn operand(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    // What a `macro_rules!` captured as an expression stands in a group without delimiters, which
    // other parsers look through; but it is one operand.
    if input.cursor().group(Delimiter::None).is_some() {
        let Ok(TokenTree::Group(captured)) = input.parse::<TokenTree>() else {
            return None;
        };
        let after = captured.span();
        let read = |content: ParseStream| Ok(contents(content, after, reader));
        return read.parse2(captured.stream()).ok();
    }
    let start = input.span();
    if input.parse::<Token![!]>().is_ok() {
        return operand(input, start, reader).map(Formula::but_not);
    }
    if input.peek(token::Paren) {
        return group(input, reader);
    }
    if input.peek(LitStr) {
        quoted_name(input, "an event", reader);
        return Some(Formula::Nothing);
    }
    if input.peek(Ident::peek_any) {
        let word = input.call(Ident::parse_any).ok()?;
        if input.peek(Token![::]) {
            qualified_name(word, input, "an event", reader);
            return Some(Formula::Nothing);
        }
        if input.peek(token::Paren) {
            return call(&word, input, reader);
        }
        if input.peek(token::Bracket) || input.peek(token::Brace) {
            let message = format!("expected parentheses after `{word}`");
            reader.errors.push(Code::Syntax, input.span(), message);
            input.parse::<TokenTree>().ok()?;
            return Some(Formula::Nothing);
        }
        return Some(bare(word, reader));
    }
    if input.is_empty() || input.peek(Token![,]) {
        reader.errors.push(
            Code::Operands,
            after,
            "expected an event or a combinator after this",
        );
    } else {
        let found = next_token(input);
        let message = format!("expected an event or a combinator, found `{found}`");
        reader.errors.push(Code::Operands, input.span(), message);
    }
    None
}

/// `( formula )`
fn group(input: ParseStream, reader: &mut Reader) -> Option<Written> {
    let (paren, content) = parens(input).ok()?;
    Some(contents(&content, paren.span.open(), reader))
}

/// One formula and nothing else.
fn contents(content: ParseStream, after: Span, reader: &mut Reader) -> Written {
    let inner = read(content, after, reader);
    if inner.is_some() && !content.is_empty() {
        let message = if content.peek(Token![,]) {
            "parentheses hold one formula\n= help: join several with `all_of(..)` or `any_of(..)`"
                .to_owned()
        } else {
            format!("expected `&` or `|`, found `{}`", next_token(content))
        };
        reader.errors.push(Code::Syntax, content.span(), message);
    }
    drain(content);
    inner.unwrap_or(Formula::Nothing)
}

/// A word without parentheses.
fn bare(word: Ident, reader: &mut Reader) -> Written {
    let needs =
        |operands: &str| format!("`{word}` needs operands\n= help: write `{word}({operands})`");
    let message = match word.to_string().as_str() {
        "nothing" => return Formula::Nothing,
        "any_state" => return Formula::but_not(Formula::Nothing),
        "non_terminal" => return Formula::Event(Word::NonTerminal),
        "all_of" | "any_of" if !reader.is_event(&word) => needs("Created, .."),
        "but_not" | "event" if !reader.is_event(&word) => needs("Created"),
        _ => return Formula::Event(Word::Event(word)),
    };
    reader.errors.push(Code::Operands, word.span(), message);
    Formula::Nothing
}

/// A word with parentheses.
fn call(word: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Written> {
    let (paren, content) = parens(input).ok()?;
    let name = word.to_string();
    let empty = content.is_empty();
    if name == "event" && !empty {
        let event = bare_name(&content, "an event", word.span(), reader);
        let rest = drain(&content);
        return Some(match event {
            Some(event) if rest.is_empty() => Formula::Event(Word::Event(event)),
            Some(_) => {
                let message = "`event(..)` takes the bare name of one event";
                reader.errors.push(Code::Operands, word.span(), message);
                Formula::Nothing
            }
            None => Formula::Nothing,
        });
    }
    let operands = comma_list(&content, "an operand", NEXT, reader, |input, reader| {
        read(input, paren.span.close(), reader)
    });
    Some(match name.as_str() {
        "all_of" | "any_of" | "but_not" | "event" if empty => {
            let example = if name.ends_with("_of") {
                "Created, .."
            } else {
                "Created"
            };
            let message = format!("`{name}()` needs operands\n= help: write `{name}({example})`");
            reader.errors.push(Code::Operands, word.span(), message);
            Formula::Nothing
        }
        "all_of" => Formula::all_of(operands),
        "any_of" => Formula::any_of(operands),
        "but_not" => {
            if operands.len() > 1 {
                let message = format!(
                    "`but_not(..)` takes one operand, found {}\n= help: write `but_not(any_of(..))` to forbid each of them, `but_not(all_of(..))` to forbid all together",
                    operands.len()
                );
                reader.errors.push(Code::Operands, word.span(), message);
            }
            Formula::NoneOf(operands.into())
        }
        "nothing" | "any_state" | "non_terminal" => {
            if !empty {
                let message = format!("`{name}()` takes no operands");
                reader.errors.push(Code::Operands, word.span(), message);
            }
            bare(word.clone(), reader)
        }
        _ => {
            let message = if reader.is_event(word) {
                format!(
                    "`{name}` is an event, not a combinator\n= help: write the bare name: `{name}`"
                )
            } else {
                let help = suggest::help(&name, "combinators", WORDS);
                format!("unknown combinator `{name}`{help}")
            };
            reader.errors.push(Code::Syntax, word.span(), message);
            // Its operands are checked all the same.
            Formula::all_of(operands)
        }
    })
}
