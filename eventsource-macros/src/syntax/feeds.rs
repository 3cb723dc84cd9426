//! Parser of `feeds`: the fields of the entity's data that a payload feeds.

use eventsource_model::findings::Code;
use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Field, Ident, Meta, Token, Type, token};

use super::Reader;
use super::items::{self, Given, Vocabulary};
use super::list::{bare_name, comma_list, skip_to_comma};

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
pub(super) fn of_field(field: &Field, reader: &mut Reader) -> Option<Vec<Ident>> {
    let mut feeds = None;
    let mut given = Given::default();
    for attr in &field.attrs {
        if attr.path().is_ident("event") && speaks_of_feeds(attr) {
            let value = |key: &Ident, input: ParseStream, reader: &mut Reader| {
                feeds = names(key, input, reader);
            };
            items::read(attr, &VOCABULARY, &mut given, reader, value);
        } else if attr.path().is_ident("event") || attr.path().is_ident("machine") {
            let message = "of the machine a field takes only `#[event(feeds = ..)]`\n= help: write the rest above the variant; `requires(..)` names fields there";
            reader.errors.push_on(Code::Syntax, attr.path(), message);
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

fn names(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Vec<Ident>> {
    if !input.peek(token::Paren) {
        items::equals(key, input, FIELD_EXAMPLE, reader)?;
        let name = bare_name(input, "a field of the data", key.span(), reader);
        if name.is_none() {
            skip_to_comma(input);
        }
        return name.map(|name| vec![name]);
    }
    let (paren, content) = items::list(key, input, FIELD_EXAMPLE, reader)?;
    if content.is_empty() {
        says_nothing(key, FIELD_EXAMPLE, reader);
        return None;
    }
    Some(comma_list(
        &content,
        "a field of the data",
        "`,`",
        reader,
        |input, reader| bare_name(input, "a field of the data", paren.span.close(), reader),
    ))
}

/// Parses `feeds(name, name = field, name: Type = field)` on a variant.
pub(super) fn of_variant(
    key: &Ident,
    input: ParseStream,
    reader: &mut Reader,
) -> Option<Vec<VariantFeed>> {
    let (paren, content) = items::list(key, input, VARIANT_EXAMPLE, reader)?;
    if content.is_empty() {
        says_nothing(key, VARIANT_EXAMPLE, reader);
        return None;
    }
    let close = paren.span.close();
    let next = "`:`, `=` or `,`";
    let item = |input: ParseStream, reader: &mut Reader| {
        let data = bare_name(input, "a field of the data", close, reader)?;
        let mut ty = None;
        if input.parse::<Token![:]>().is_ok() {
            match input.parse::<Type>() {
                Ok(given) => ty = Some(given),
                Err(error) => {
                    reader
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
                reader,
            )?),
            Err(_) => None,
        };
        Some(VariantFeed { data, ty, payload })
    };
    Some(comma_list(
        &content,
        "a field of the data",
        next,
        reader,
        item,
    ))
}

fn says_nothing(key: &Ident, example: &str, reader: &mut Reader) {
    let message =
        format!("`feeds()` names no field\n= help: remove it, or write `feeds({example})`");
    reader.errors.push(Code::Syntax, key.span(), message);
}
