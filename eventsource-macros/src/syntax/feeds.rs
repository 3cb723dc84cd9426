//! Parser of `feeds`: the fields of the entity's data that a payload feeds.

use eventsource_model::findings::Code;
use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Field, Ident, Meta, Token, Type, token};

use super::ParseContext;
use super::items::{self, GivenKeys};
use super::list::{bare_name, comma_list, skip_to_comma};
use super::vocabulary::Vocabulary;

const VOCABULARY: Vocabulary = Vocabulary {
    attribute: "event",
    example: "feeds = current_weight",
    keys: &["feeds"],
    repeatable: &[],
    not_yet: &[],
};

const FIELD_EXAMPLE: &str = "current_weight";
const VARIANT_EXAMPLE: &str = "current_weight: f64 = output_weight";

/// Item of `feeds(..)` on a variant with a payload struct.
pub(crate) struct VariantFeed {
    /// Name of the field of the data.
    pub(crate) data: Ident,
    /// Type of the field, if it is given.
    pub(crate) ty: Option<Type>,
    /// Name of the payload's field, if it differs from that of the data.
    pub(crate) payload: Option<Ident>,
}

/// Parses `#[event(feeds = name)]` or `#[event(feeds(name, ..))]` on a field; `None` if it is
/// absent.
pub(super) fn of_field(field: &Field, context: &mut ParseContext) -> Option<Vec<Ident>> {
    let mut feeds = None;
    let mut given = GivenKeys::default();
    for attr in &field.attrs {
        if attr.path().is_ident("event") && speaks_of_feeds(attr) {
            let value = |key: &Ident, input: ParseStream, context: &mut ParseContext| {
                feeds = names(key, input, context);
            };
            items::read(attr, &VOCABULARY, &mut given, context, value);
        } else if attr.path().is_ident("event") || attr.path().is_ident("machine") {
            let message = "a field takes no key of `#[event(..)]` but `feeds`\n= help: write the rest above the variant; `requires(..)` names fields there";
            context.errors.push_on(Code::Syntax, attr.path(), message);
        }
    }
    feeds
}

fn speaks_of_feeds(attr: &Attribute) -> bool {
    let Meta::List(list) = &attr.meta else {
        return false;
    };
    let first = list.tokens.to_token_stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(first)) if first == "feeds")
}

fn names(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<Vec<Ident>> {
    if !input.peek(token::Paren) {
        items::equals(key, input, FIELD_EXAMPLE, context)?;
        let name = bare_name(input, "a field of the data", key.span(), context);
        if name.is_none() {
            skip_to_comma(input);
        }
        return name.map(|name| vec![name]);
    }
    let (paren, content) = items::list(key, input, FIELD_EXAMPLE, context)?;
    if content.is_empty() {
        says_nothing(key, FIELD_EXAMPLE, context);
        return None;
    }
    Some(comma_list(
        &content,
        "a field of the data",
        "`,`",
        context,
        |input, context| bare_name(input, "a field of the data", paren.span.close(), context),
    ))
}

/// Parses `feeds(name, name = field, name: Type = field)` on a variant.
pub(super) fn of_variant(
    key: &Ident,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<Vec<VariantFeed>> {
    let (paren, content) = items::list(key, input, VARIANT_EXAMPLE, context)?;
    if content.is_empty() {
        says_nothing(key, VARIANT_EXAMPLE, context);
        return None;
    }
    let close = paren.span.close();
    let next = "`:`, `=` or `,`";
    let item = |input: ParseStream, context: &mut ParseContext| {
        let data = bare_name(input, "a field of the data", close, context)?;
        let mut ty = None;
        if input.parse::<Token![:]>().is_ok() {
            match input.parse::<Type>() {
                Ok(given) => ty = Some(given),
                Err(error) => {
                    context
                        .errors
                        .push(Code::Syntax, error.span(), "expected a type");
                    return None;
                }
            }
        }
        let payload = match input.parse::<Token![=]>() {
            Ok(equals) => Some(bare_name(
                input,
                "a field of the payload",
                equals.span,
                context,
            )?),
            Err(_) => None,
        };
        Some(VariantFeed { data, ty, payload })
    };
    Some(comma_list(
        &content,
        "a field of the data",
        next,
        context,
        item,
    ))
}

fn says_nothing(key: &Ident, example: &str, context: &mut ParseContext) {
    let message =
        format!("`feeds()` names no field\n= help: remove it, or write `feeds({example})`");
    context.errors.push(Code::Syntax, key.span(), message);
}
