//! Parser of `follows = ..`: words, sugar, and the operators `!`, `&`, `|`.

use eventsource_model::{Formula, findings::Code};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token, token};

use super::ParseContext;
use super::formula_tokens::{FormulaTokens, between};
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
pub(crate) enum FormulaName {
    Event(Ident),
    /// Sugar that depends on the other variants.
    NonTerminal,
}

/// Parsed formula with its tokens.
pub(crate) struct ParsedFormula {
    pub(crate) formula: Formula<FormulaName>,
    pub(crate) formula_tokens: FormulaTokens,
}

impl ParsedFormula {
    /// Creates a formula without tokens, which [`operand`] adds.
    fn new(formula: Formula<FormulaName>) -> Self {
        Self {
            formula,
            formula_tokens: FormulaTokens::default(),
        }
    }

    /// Creates the placeholder for an operand with a mistake. Nothing is generated from it.
    fn something() -> Self {
        Self::new(Formula::Nothing)
    }

    fn join(
        operands: Vec<Self>,
        join: fn(Vec<Formula<FormulaName>>) -> Formula<FormulaName>,
    ) -> Self {
        let (formulas, operands) = operands
            .into_iter()
            .map(|o| (o.formula, o.formula_tokens))
            .unzip();
        Self {
            formula: join(formulas),
            formula_tokens: FormulaTokens {
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
pub(super) fn next(context: &ParseContext) -> &'static str {
    if context.implies {
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
pub(super) fn read(
    input: ParseStream,
    after: Span,
    context: &mut ParseContext,
) -> Option<ParsedFormula> {
    let begin = input.cursor();
    let left = disjunction(input, after, context)?;
    let Ok(arrow) = input.parse::<Token![=>]>() else {
        return Some(left);
    };
    if !context.implies {
        let message =
            "`=>` is allowed in `always(..)` and `never(..)` only\n= help: `a => b` is `!a | b`";
        context.errors.push_on(Code::Syntax, arrow, message);
    }
    let right = read(input, arrow.spans[1], context)?;
    let tokens = left.formula_tokens.tokens.clone();
    let mut unless = left.but_not();
    unless.formula_tokens.tokens = tokens;
    let mut implication = ParsedFormula::join(vec![unless, right], Formula::any_of);
    implication.formula_tokens.tokens = between(begin, input.cursor());
    Some(implication)
}

fn disjunction(
    input: ParseStream,
    after: Span,
    context: &mut ParseContext,
) -> Option<ParsedFormula> {
    let begin = input.cursor();
    let mut operands = vec![conjunction(input, after, context)?];
    loop {
        let after = input.span();
        if let Ok(doubled) = input.parse::<Token![||]>() {
            let message = "write `|` instead of `||`";
            context.errors.push_on(Code::Syntax, doubled, message);
        } else if input.parse::<Token![|]>().is_err() {
            break;
        }
        operands.push(conjunction(input, after, context)?);
    }
    Some(joined(operands, Formula::any_of, begin, input))
}

fn conjunction(
    input: ParseStream,
    after: Span,
    context: &mut ParseContext,
) -> Option<ParsedFormula> {
    let begin = input.cursor();
    let mut operands = vec![operand(input, after, context)?];
    loop {
        let after = input.span();
        if let Ok(doubled) = input.parse::<Token![&&]>() {
            let message = "write `&` instead of `&&`";
            context.errors.push_on(Code::Syntax, doubled, message);
        } else if input.parse::<Token![&]>().is_err() {
            break;
        }
        operands.push(operand(input, after, context)?);
    }
    Some(joined(operands, Formula::all_of, begin, input))
}

fn joined(
    mut operands: Vec<ParsedFormula>,
    join: fn(Vec<Formula<FormulaName>>) -> Formula<FormulaName>,
    begin: Cursor,
    input: ParseStream,
) -> ParsedFormula {
    if operands.len() == 1 {
        return operands.remove(0);
    }
    let mut joined = ParsedFormula::join(operands, join);
    joined.formula_tokens.tokens = between(begin, input.cursor());
    joined
}

fn operand(input: ParseStream, after: Span, context: &mut ParseContext) -> Option<ParsedFormula> {
    let begin = input.cursor();
    let mut operand = any_operand(input, after, context)?;
    operand.formula_tokens.tokens = between(begin, input.cursor());
    Some(operand)
}

fn any_operand(
    input: ParseStream,
    after: Span,
    context: &mut ParseContext,
) -> Option<ParsedFormula> {
    // An expression that a `macro_rules!` captured is in a group without delimiters, which other
    // parsers look through; but it is one operand.
    if input.cursor().group(Delimiter::None).is_some() {
        let Ok(TokenTree::Group(captured)) = input.parse::<TokenTree>() else {
            return None;
        };
        let after = captured.span();
        let read = |content: ParseStream| Ok(contents(content, after, context));
        return read.parse2(captured.stream()).ok();
    }
    let start = input.span();
    if input.parse::<Token![!]>().is_ok() {
        return operand(input, start, context).map(ParsedFormula::but_not);
    }
    if input.peek(token::Paren) {
        return group(input, context);
    }
    if input.peek(LitStr) {
        quoted_name(input, "an event", context);
        return Some(ParsedFormula::something());
    }
    if input.peek(Ident::peek_any) {
        let word = input.call(Ident::parse_any).ok()?;
        if input.peek(Token![::]) {
            qualified_name(word, input, "an event", context);
            return Some(ParsedFormula::something());
        }
        if input.peek(token::Paren) {
            return call(&word, input, context);
        }
        if input.peek(token::Bracket) || input.peek(token::Brace) {
            let message = format!("expected parentheses after `{word}`");
            context.errors.push(Code::Syntax, input.span(), message);
            input.parse::<TokenTree>().ok()?;
            return Some(ParsedFormula::something());
        }
        return Some(bare(word, context));
    }
    if input.is_empty() || input.peek(Token![,]) {
        let message = "expected an event or a combinator after this";
        context.errors.push(Code::Operands, after, message);
    } else {
        let found = next_token(input);
        let mut message = format!("expected an event or a combinator, found `{found}`");
        if input.peek(token::Bracket) {
            message.push_str("\n= help: write `all_of(Created, ..)` or `any_of(Created, ..)`");
        }
        context.errors.push(Code::Operands, input.span(), message);
    }
    None
}

/// Parses `( formula )`.
fn group(input: ParseStream, context: &mut ParseContext) -> Option<ParsedFormula> {
    let (paren, content) = parens(input).ok()?;
    Some(contents(&content, paren.span.open(), context))
}

/// Parses one formula and nothing else.
pub(super) fn contents(
    content: ParseStream,
    after: Span,
    context: &mut ParseContext,
) -> ParsedFormula {
    let inner = read(content, after, context);
    if inner.is_some() && !content.is_empty() {
        if content.peek(Token![,]) {
            let message = "parentheses hold one formula\n= help: join several with `all_of(..)` or `any_of(..)`";
            context.errors.push(Code::Operands, content.span(), message);
        } else {
            let next = next(context).trim_start_matches("`,`, ");
            let message = format!("expected {next}, found `{}`", next_token(content));
            context.errors.push(Code::Syntax, content.span(), message);
        }
    }
    drain(content);
    inner.unwrap_or_else(ParsedFormula::something)
}

/// Parses a word without parentheses.
fn bare(word: Ident, context: &mut ParseContext) -> ParsedFormula {
    let needs =
        |operands: &str| format!("`{word}` needs operands\n= help: write `{word}({operands})`");
    let message = match word.to_string().as_str() {
        "nothing" => return ParsedFormula::new(Formula::Nothing),
        "any_state" => return ParsedFormula::new(Formula::but_not(Formula::Nothing)),
        "non_terminal" => return ParsedFormula::new(Formula::Event(FormulaName::NonTerminal)),
        "all_of" | "any_of" if !context.is_event(&word) => needs("Created, .."),
        "but_not" | "event" if !context.is_event(&word) => needs("Created"),
        _ => return ParsedFormula::new(Formula::Event(FormulaName::Event(word))),
    };
    context.errors.push(Code::Operands, word.span(), message);
    ParsedFormula::something()
}

/// Parses a word with parentheses.
fn call(word: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<ParsedFormula> {
    let (paren, content) = parens(input).ok()?;
    let name = word.to_string();
    let empty = content.is_empty();
    if name == "event" && !empty {
        let event = bare_name(&content, "an event", word.span(), context);
        let rest = drain(&content);
        return Some(match event {
            Some(event) if rest.is_empty() => {
                ParsedFormula::new(Formula::Event(FormulaName::Event(event)))
            }
            Some(_) => {
                let message = "`event(..)` takes the bare name of one event";
                context.errors.push(Code::Operands, word.span(), message);
                ParsedFormula::something()
            }
            None => ParsedFormula::something(),
        });
    }
    let operands = comma_list(
        &content,
        "an operand",
        next(context),
        context,
        |input, context| read(input, paren.span.close(), context),
    );
    Some(match name.as_str() {
        "all_of" | "any_of" | "but_not" | "event" if empty => {
            let example = if name.ends_with("_of") {
                "Created, .."
            } else {
                "Created"
            };
            let message = format!("`{name}()` needs operands\n= help: write `{name}({example})`");
            context.errors.push(Code::Operands, word.span(), message);
            ParsedFormula::something()
        }
        "all_of" => ParsedFormula::join(operands, Formula::all_of),
        "any_of" => ParsedFormula::join(operands, Formula::any_of),
        "but_not" => {
            if operands.len() > 1 {
                let message = format!(
                    "`but_not(..)` takes one operand, found {}\n= help: write `but_not(any_of(..))` to forbid each of them, `but_not(all_of(..))` to forbid all together",
                    operands.len()
                );
                context.errors.push(Code::Operands, word.span(), message);
            }
            ParsedFormula::join(operands, |operands| Formula::NoneOf(operands.into()))
        }
        "nothing" | "any_state" | "non_terminal" => {
            if !empty {
                let message = format!("`{name}()` takes no operands");
                context.errors.push(Code::Operands, word.span(), message);
            }
            bare(word.clone(), context)
        }
        _ => {
            let message = if context.is_event(word) {
                format!(
                    "`{name}` is an event, not a combinator\n= help: write the bare name: `{name}`"
                )
            } else {
                let help = suggest::help(&name, "combinators", WORDS);
                format!("unknown combinator `{name}`{help}")
            };
            context.errors.push(Code::Syntax, word.span(), message);
            // Its operands are still checked.
            ParsedFormula::join(operands, Formula::all_of)
        }
    })
}
