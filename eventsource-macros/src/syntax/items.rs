//! Parser of an attribute's keys: `#[attribute(key, key = value, key(list))]`.

use eventsource_model::findings::Code;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{ParseBuffer, ParseStream};
use syn::{Attribute, Ident, Lit, LitInt, LitStr, Meta, Token, token};

use super::list::{expect_comma, next_token, parens, skip_to_comma};
use super::vocabulary::{self, Vocabulary};
use super::{ParseContext, formula};
use crate::suggest;

/// Keys that were given so far, with or without mistakes.
#[derive(Default)]
pub(crate) struct GivenKeys(Vec<String>);

impl GivenKeys {
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|given| given == key)
    }
}

/// Parses one attribute, calling `value` after each known key.
pub(super) fn read(
    attr: &Attribute,
    vocabulary: &Vocabulary,
    given: &mut GivenKeys,
    context: &mut ParseContext,
    mut value: impl FnMut(&Ident, ParseStream, &mut ParseContext),
) {
    let Vocabulary {
        attribute, example, ..
    } = vocabulary;
    let help = format!("\n= help: remove it, or write `#[{attribute}({example})]`");
    match &attr.meta {
        Meta::List(list) if list.tokens.is_empty() => {
            let message = format!("`#[{attribute}(..)]` is empty{help}");
            context.errors.push_on(Code::Syntax, list, message);
        }
        Meta::Path(path) => {
            let message = format!("`#[{attribute}]` has no keys{help}");
            context.errors.push_on(Code::Syntax, path, message);
        }
        Meta::NameValue(meta) => {
            let message = format!(
                "`#[{attribute}]` takes its keys in parentheses\n= help: write `#[{attribute}({example})]`"
            );
            context.errors.push_on(Code::Syntax, meta, message);
        }
        Meta::List(_) => {
            let parsed = attr.parse_args_with(|input: ParseStream| {
                read_items(input, vocabulary, given, context, &mut value);
                Ok(())
            });
            if let Err(error) = parsed {
                // The loop consumes everything, so this is about delimiters that syn rejects.
                context.errors.push(Code::Syntax, error.span(), error);
            }
        }
    }
}

fn read_items(
    input: ParseStream,
    vocabulary: &Vocabulary,
    given: &mut GivenKeys,
    context: &mut ParseContext,
    value: &mut impl FnMut(&Ident, ParseStream, &mut ParseContext),
) {
    while !input.is_empty() {
        if input.peek(Token![,]) {
            context
                .errors
                .push(Code::Syntax, input.span(), "expected a key before `,`");
        } else if let Ok(key) = input.call(Ident::parse_any) {
            let word = key.unraw().to_string();
            if known(&key, &word, vocabulary, given, context) {
                value(&key, input, context);
                let next = if word == "follows" {
                    formula::next(context)
                } else {
                    "`,`"
                };
                expect_comma(input, next, context);
            } else {
                skip_to_comma(input);
            }
        } else {
            let found = next_token(input);
            let message = format!(
                "expected a key such as `{}`, found `{found}`",
                vocabulary.keys.first().copied().unwrap_or_default()
            );
            context.errors.push(Code::Syntax, input.span(), message);
            skip_to_comma(input);
        }
        if input.parse::<Token![,]>().is_err() {
            break;
        }
    }
}

/// Returns whether to parse the value of this key.
fn known(
    key: &Ident,
    word: &str,
    vocabulary: &Vocabulary,
    given: &mut GivenKeys,
    context: &mut ParseContext,
) -> bool {
    if vocabulary.keys.contains(&word) {
        let first = !given.has(word) || vocabulary.repeatable.contains(&word);
        if first {
            given.0.push(word.to_owned());
        } else {
            let message = format!("`{word}` is given twice");
            context.errors.push(Code::Syntax, key.span(), message);
        }
        return first;
    }
    if vocabulary.not_yet.contains(&word) {
        let message = format!("`{word}` is not supported yet");
        context.errors.push(Code::Syntax, key.span(), message);
        return false;
    }
    let attribute = vocabulary.attribute;
    let elsewhere = [&vocabulary::EVENT, &vocabulary::MACHINE]
        .into_iter()
        .find(|other| other.attribute != attribute && other.keys.contains(&word));
    let help = if context.is_event(key) {
        format!(
            "\n= help: `{word}` is an event; join events with `all_of({word}, ..)` or `any_of({word}, ..)`"
        )
    } else if formula::WORDS.contains(&word) {
        format!("\n= help: write `follows = {word}(..)`")
    } else if let Some(other) = elsewhere {
        format!(
            "\n= help: `{word}` is a key of `#[{}(..)]`",
            other.attribute
        )
    } else {
        suggest::help(word, "keys", vocabulary.keys)
    };
    let message = format!("unknown key `{word}` in `#[{attribute}(..)]`{help}");
    context.errors.push(Code::Syntax, key.span(), message);
    false
}

/// Checks that a key without a value has none.
pub(super) fn flag(key: &Ident, input: ParseStream, context: &mut ParseContext) {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        let value = skip_to_comma(input);
        let message = format!("`{key}` takes no value\n= help: write `{key}` alone");
        context.errors.push_on(Code::Syntax, value, message);
    }
}

/// Parses the `=` of `key = value`. `example` is a value for the help.
pub(super) fn equals(
    key: &Ident,
    input: ParseStream,
    example: &str,
    context: &mut ParseContext,
) -> Option<Span> {
    let help = format!("\n= help: write `{key} = {example}`");
    let Ok(equals) = input.parse::<Token![=]>() else {
        if input.peek(token::Paren) {
            let message = format!("`{key}` takes its value after `=`{help}");
            context.errors.push(Code::Syntax, key.span(), message);
        } else {
            let message = format!("`{key}` needs a value{help}");
            context.errors.push(Code::Syntax, key.span(), message);
        }
        skip_to_comma(input);
        return None;
    };
    if input.is_empty() || input.peek(Token![,]) {
        let message = format!("`{key}` needs a value{help}");
        context
            .errors
            .push_on(Code::Syntax, quote::quote!(#key #equals), message);
        return None;
    }
    Some(equals.span)
}

/// Parses the parentheses of `key(..)`. `example` is their content for the help.
pub(super) fn list<'a>(
    key: &Ident,
    input: ParseStream<'a>,
    example: &str,
    context: &mut ParseContext,
) -> Option<(token::Paren, ParseBuffer<'a>)> {
    if input.peek(token::Paren) {
        return parens(input).ok();
    }
    let rest = skip_to_comma(input);
    let message = format!("`{key}` takes a list\n= help: write `{key}({example})`");
    context
        .errors
        .push_on(Code::Syntax, quote::quote!(#key #rest), message);
    None
}

/// Parses the string of `key = "value"`.
pub(super) fn string(
    key: &Ident,
    input: ParseStream,
    example: &str,
    context: &mut ParseContext,
) -> Option<LitStr> {
    equals(key, input, example, context)?;
    match input.fork().parse::<Lit>() {
        Ok(Lit::Str(text)) if text.suffix().is_empty() => input.parse().ok(),
        _ => wrong_value(key, input, "a string", example, context),
    }
}

/// Parses the number of `key = 1`.
pub(super) fn number(
    key: &Ident,
    input: ParseStream,
    example: &str,
    context: &mut ParseContext,
) -> Option<LitInt> {
    equals(key, input, example, context)?;
    match input.fork().parse::<Lit>() {
        Ok(Lit::Int(_)) => input.parse().ok(),
        _ => wrong_value(key, input, "a number", example, context),
    }
}

fn wrong_value<T>(
    key: &Ident,
    input: ParseStream,
    what: &str,
    example: &str,
    context: &mut ParseContext,
) -> Option<T> {
    let value = skip_to_comma(input);
    let message = format!("`{key}` takes {what}\n= help: write `{key} = {example}`");
    context.errors.push_on(Code::Syntax, value, message);
    None
}
