//! Parser of `follows = ..`: words, sugar, and the operators `!`, `&`, `|`.

use eventsource_model::{Formula, findings::Code};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token, token};

use super::Reader;
use super::extent::{Extent, between};
use super::list::{bare_name, comma_list, drain, next_token, parens, qualified_name, quoted_name};
use crate::suggest;

/// Words that are not events, with or without parentheses.
pub(super) const WORDS: &[&str] = &[
    "all_of",
    "any_of",
    "but_not",
    "nothing",
    "event",
    "any_state",
    "non_terminal",
];

/// Name in a formula.
#[derive(Clone)]
pub(crate) enum Word {
    Event(Ident),
    /// Sugar that depends on the other variants.
    NonTerminal,
}

/// Parsed formula with its tokens.
pub(crate) struct Written {
    pub(crate) formula: Formula<Word>,
    pub(crate) extent: Extent,
}

impl Written {
    /// Creates a formula without tokens, which [`operand`] adds.
    fn new(formula: Formula<Word>) -> Self {
        Self {
            formula,
            extent: Extent::default(),
        }
    }

    /// Creates the placeholder for an operand with a mistake. Nothing is generated from it.
    fn something() -> Self {
        Self::new(Formula::Nothing)
    }

    fn join(operands: Vec<Self>, join: fn(Vec<Formula<Word>>) -> Formula<Word>) -> Self {
        let (formulas, operands) = operands.into_iter().map(|o| (o.formula, o.extent)).unzip();
        Self {
            formula: join(formulas),
            extent: Extent {
                tokens: TokenStream::new(),
                operands,
            },
        }
    }

    fn but_not(self) -> Self {
        Self::join(vec![self], |operands| Formula::NoneOf(operands.into()))
    }
}

/// Names the tokens that may follow a formula.
pub(super) fn next(reader: &Reader) -> &'static str {
    if reader.implies {
        "`,`, `&`, `|` or `=>`"
    } else {
        "`,`, `&` or `|`"
    }
}

/// Parses a formula.
///
/// `after` is the location of the error if nothing follows. After `None` the input is anywhere
/// before the next comma.
///
/// A mistake that leaves the structure clear is reported and replaced by a placeholder, so that the
/// rest of the formula is checked too.
pub(super) fn read(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let begin = input.cursor();
    let left = disjunction(input, after, reader)?;
    let Ok(arrow) = input.parse::<Token![=>]>() else {
        return Some(left);
    };
    if !reader.implies {
        let message =
            "`=>` is understood in `always(..)` and `never(..)` only\n= help: `a => b` is `!a | b`";
        reader.errors.push_on(Code::Syntax, arrow, message);
    }
    let right = read(input, arrow.spans[1], reader)?;
    let tokens = left.extent.tokens.clone();
    let mut unless = left.but_not();
    unless.extent.tokens = tokens;
    let mut implication = Written::join(vec![unless, right], Formula::any_of);
    implication.extent.tokens = between(begin, input.cursor());
    Some(implication)
}

fn disjunction(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let begin = input.cursor();
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
    Some(joined(operands, Formula::any_of, begin, input))
}

fn conjunction(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let begin = input.cursor();
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
    Some(joined(operands, Formula::all_of, begin, input))
}

fn joined(
    mut operands: Vec<Written>,
    join: fn(Vec<Formula<Word>>) -> Formula<Word>,
    begin: Cursor,
    input: ParseStream,
) -> Written {
    if operands.len() == 1 {
        return operands.remove(0);
    }
    let mut joined = Written::join(operands, join);
    joined.extent.tokens = between(begin, input.cursor());
    joined
}

fn operand(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
    let begin = input.cursor();
    let mut operand = any_operand(input, after, reader)?;
    operand.extent.tokens = between(begin, input.cursor());
    Some(operand)
}

fn any_operand(input: ParseStream, after: Span, reader: &mut Reader) -> Option<Written> {
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
        return operand(input, start, reader).map(Written::but_not);
    }
    if input.peek(token::Paren) {
        return group(input, reader);
    }
    if input.peek(LitStr) {
        quoted_name(input, "an event", reader);
        return Some(Written::something());
    }
    if input.peek(Ident::peek_any) {
        let word = input.call(Ident::parse_any).ok()?;
        if input.peek(Token![::]) {
            qualified_name(word, input, "an event", reader);
            return Some(Written::something());
        }
        if input.peek(token::Paren) {
            return call(&word, input, reader);
        }
        if input.peek(token::Bracket) || input.peek(token::Brace) {
            let message = format!("expected parentheses after `{word}`");
            reader.errors.push(Code::Syntax, input.span(), message);
            input.parse::<TokenTree>().ok()?;
            return Some(Written::something());
        }
        return Some(bare(word, reader));
    }
    if input.is_empty() || input.peek(Token![,]) {
        let message = "expected an event or a combinator after this";
        reader.errors.push(Code::Operands, after, message);
    } else {
        let found = next_token(input);
        let mut message = format!("expected an event or a combinator, found `{found}`");
        if input.peek(token::Bracket) {
            message.push_str("\n= help: write `all_of(Created, ..)` or `any_of(Created, ..)`");
        }
        reader.errors.push(Code::Operands, input.span(), message);
    }
    None
}

/// Parses `( formula )`.
fn group(input: ParseStream, reader: &mut Reader) -> Option<Written> {
    let (paren, content) = parens(input).ok()?;
    Some(contents(&content, paren.span.open(), reader))
}

/// Parses one formula and nothing else.
pub(super) fn contents(content: ParseStream, after: Span, reader: &mut Reader) -> Written {
    let inner = read(content, after, reader);
    if inner.is_some() && !content.is_empty() {
        if content.peek(Token![,]) {
            let message = "parentheses hold one formula\n= help: join several with `all_of(..)` or `any_of(..)`";
            reader.errors.push(Code::Operands, content.span(), message);
        } else {
            let next = next(reader).trim_start_matches("`,`, ");
            let message = format!("expected {next}, found `{}`", next_token(content));
            reader.errors.push(Code::Syntax, content.span(), message);
        }
    }
    drain(content);
    inner.unwrap_or_else(Written::something)
}

/// Parses a word without parentheses.
fn bare(word: Ident, reader: &mut Reader) -> Written {
    let needs =
        |operands: &str| format!("`{word}` needs operands\n= help: write `{word}({operands})`");
    let message = match word.to_string().as_str() {
        "nothing" => return Written::new(Formula::Nothing),
        "any_state" => return Written::new(Formula::but_not(Formula::Nothing)),
        "non_terminal" => return Written::new(Formula::Event(Word::NonTerminal)),
        "all_of" | "any_of" if !reader.is_event(&word) => needs("Created, .."),
        "but_not" | "event" if !reader.is_event(&word) => needs("Created"),
        _ => return Written::new(Formula::Event(Word::Event(word))),
    };
    reader.errors.push(Code::Operands, word.span(), message);
    Written::something()
}

/// Parses a word with parentheses.
fn call(word: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Written> {
    let (paren, content) = parens(input).ok()?;
    let name = word.to_string();
    let empty = content.is_empty();
    if name == "event" && !empty {
        let event = bare_name(&content, "an event", word.span(), reader);
        let rest = drain(&content);
        return Some(match event {
            Some(event) if rest.is_empty() => Written::new(Formula::Event(Word::Event(event))),
            Some(_) => {
                let message = "`event(..)` takes the bare name of one event";
                reader.errors.push(Code::Operands, word.span(), message);
                Written::something()
            }
            None => Written::something(),
        });
    }
    let operands = comma_list(
        &content,
        "an operand",
        next(reader),
        reader,
        |input, reader| read(input, paren.span.close(), reader),
    );
    Some(match name.as_str() {
        "all_of" | "any_of" | "but_not" | "event" if empty => {
            let example = if name.ends_with("_of") {
                "Created, .."
            } else {
                "Created"
            };
            let message = format!("`{name}()` needs operands\n= help: write `{name}({example})`");
            reader.errors.push(Code::Operands, word.span(), message);
            Written::something()
        }
        "all_of" => Written::join(operands, Formula::all_of),
        "any_of" => Written::join(operands, Formula::any_of),
        "but_not" => {
            if operands.len() > 1 {
                let message = format!(
                    "`but_not(..)` takes one operand, found {}\n= help: write `but_not(any_of(..))` to forbid each of them, `but_not(all_of(..))` to forbid all together",
                    operands.len()
                );
                reader.errors.push(Code::Operands, word.span(), message);
            }
            Written::join(operands, |operands| Formula::NoneOf(operands.into()))
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
            Written::join(operands, Formula::all_of)
        }
    })
}
