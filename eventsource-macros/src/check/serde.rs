//! Refuses serde attributes that would change how payloads are stored.
//!
//! A payload is stored by serde's default representation under the names of the Rust fields; the
//! event type stands beside it under the machine's name.

use eventsource_model::findings::Code;
use proc_macro2::{TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, Field, Ident, LitStr, Meta, Path};

use super::option::is_option;
use crate::errors::Errors;
use crate::syntax::Input;

const NAMES_ENUM: &str = "event types are named by `#[machine(rename_all = \"..\")]`";
const NAMES_VARIANT: &str = "`#[event(rename = \"..\")]` names the event type: when a variant is renamed, keep the stored name there";
const REPRESENTATION: &str =
    "payloads are stored by serde's default representation, the event type beside them";
const FIELDS: &str = "payloads are stored under the names of the Rust fields";
const RENAMED_FIELD: &str = "payloads are stored under the names of the Rust fields; to rename one, move the fields to a payload struct, where `#[serde(alias = \"..\")]` reads the stored name";
const EVERY_EVENT: &str = "every event must be stored and read back";
const EVERY_FIELD: &str = "every field must be stored and read back";

pub(super) fn check(input: &Input, errors: &mut Errors) {
    errors.at_enum();
    refuse(&input.attrs, "an enum of events", errors, |key| match key {
        "tag" | "content" | "untagged" | "from" | "try_from" | "into" | "remote"
        | "transparent" => Some(REPRESENTATION),
        "rename_all" => Some(NAMES_ENUM),
        "rename_all_fields" => Some(FIELDS),
        _ => None,
    });
    for (position, variant) in input.variants.iter().enumerate() {
        errors.at_variant(position);
        refuse(&variant.attrs, "an event", errors, |key| match key {
            "rename" | "alias" => Some(NAMES_VARIANT),
            "rename_all" => Some(FIELDS),
            "other" | "untagged" => Some(REPRESENTATION),
            "skip" | "skip_serializing" | "skip_deserializing" => Some(EVERY_EVENT),
            _ => None,
        });
        for field in &variant.fields {
            refuse(&field.attrs, "a field of an event", errors, |key| {
                of_field(field, key)
            });
        }
    }
}

fn of_field(field: &Field, key: &str) -> Option<&'static str> {
    match key {
        "rename" | "alias" => Some(RENAMED_FIELD),
        "flatten" => Some(FIELDS),
        "skip" | "skip_serializing" | "skip_deserializing" => Some(EVERY_FIELD),
        // A field that may be absent may be left out.
        "skip_serializing_if" if !is_option(&field.ty) => Some(EVERY_FIELD),
        _ => None,
    }
}

/// Returns whether a `#[serde(..)]` attribute has this key.
pub(super) fn has_key(attrs: &[Attribute], wanted: &str) -> bool {
    let serde = attrs.iter().filter(|attr| attr.path().is_ident("serde"));
    serde
        .filter_map(|attr| attr.meta.require_list().ok())
        .any(|list| keys(&list.tokens).iter().any(|key| key == wanted))
}

fn refuse(
    attrs: &[Attribute],
    on: &str,
    errors: &mut Errors,
    why: impl Fn(&str) -> Option<&'static str>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let Meta::List(list) = &attr.meta else {
            continue;
        };
        for key in keys(&list.tokens) {
            let name = key.unraw().to_string();
            if let Some(why) = why(&name) {
                let message = format!("`#[serde({name})]` cannot stand on {on}\n= help: {why}");
                errors.push(Code::Shape, key.span(), message);
            }
        }
    }
}

/// Returns the keys: the first word after each comma. Other mistakes are reported by serde.
fn keys(tokens: &TokenStream) -> Vec<Ident> {
    let mut keys = Vec::new();
    let mut starts = true;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(key) if starts => {
                keys.push(key);
                starts = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => starts = true,
            _ => starts = false,
        }
    }
    keys
}

/// Finds the function of `serialize_with = "path"`, or that of the module in `with = "path"`.
pub(super) fn serialize_with(attrs: &[Attribute]) -> Option<Path> {
    function(attrs, "serialize_with", "serialize")
}

/// Finds the function of `deserialize_with = "path"`, or that of the module in `with = "path"`.
pub(super) fn deserialize_with(attrs: &[Attribute]) -> Option<Path> {
    function(attrs, "deserialize_with", "deserialize")
}

fn function(attrs: &[Attribute], wanted: &str, in_module: &str) -> Option<Path> {
    let serde = attrs.iter().filter(|attr| attr.path().is_ident("serde"));
    let lists = serde.filter_map(|attr| attr.meta.require_list().ok());
    let mut found = None;
    for list in lists {
        let mut tokens = list.tokens.clone().into_iter().peekable();
        while let Some(token) = tokens.next() {
            let TokenTree::Ident(key) = token else {
                continue;
            };
            let with = key == "with";
            if !with && key != wanted {
                continue;
            }
            // Skips the `=`. serde reports a value that is not a path.
            tokens.next();
            let path = tokens.next().and_then(|text| {
                let text: LitStr = syn::parse2(text.into()).ok()?;
                text.parse::<Path>().ok()
            });
            found = path.map(|mut path| {
                if with {
                    path.segments.push(format_ident!("{in_module}").into());
                }
                path
            });
        }
    }
    found
}
