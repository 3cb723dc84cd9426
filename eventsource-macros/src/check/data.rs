//! Checks `feeds` and collects the fields of an entity's data, with the payload fields that feed
//! them.

use eventsource_model::findings::Code;
use eventsource_model::names::{clash, is_reserved_field};
use heck::ToSnakeCase;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::{Attribute, Field, Fields, GenericArgument, Ident, Path, PathArguments, Type};

use super::{option, serde, typestate};
use crate::errors::Errors;
use crate::model::{Data, DataField, DataFrom, DataSource, SerdeWith};
use crate::syntax::{Input, Variant};

/// Writes the type as it is called outside of the enum, where `Self` is another type.
pub(crate) fn without_self(ty: &Type, ident: &Ident) -> TokenStream {
    fn replace(tokens: TokenStream, ident: &Ident) -> TokenStream {
        let tokens = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => {
                let mut ident = ident.clone();
                ident.set_span(word.span());
                TokenTree::Ident(ident)
            }
            TokenTree::Group(group) => {
                let mut replaced = Group::new(group.delimiter(), replace(group.stream(), ident));
                replaced.set_span(group.span());
                TokenTree::Group(replaced)
            }
            token => token,
        });
        tokens.collect()
    }
    replace(ty.to_token_stream(), ident)
}

/// Payload value that feeds a field of the data.
struct FeedSource<'a> {
    data: Ident,
    /// Whether the name is that of the payload's field and not one given by `feeds`.
    is_own: bool,
    /// Type of the field of the data, as far as this place tells it.
    ty: Option<&'a Type>,
    serialize_with: Option<SerdeWith>,
    deserialize_with: Option<SerdeWith>,
    source: DataSource,
}

/// Collects the data's fields, in the order in which the events first name them.
pub(super) fn check(input: &Input, entity: &str, errors: &mut Errors) -> Data {
    let ident = input.machine.data.clone();
    let ident = ident.unwrap_or_else(|| {
        let base = typestate::base(&input.ident);
        format_ident!("{base}Data", span = input.ident.span())
    });
    let feeds = feeds(input, errors);
    let mut fields: Vec<DataField> = Vec::new();
    for feed in &feeds {
        let event = feed.source.event;
        errors.at_variant(event);
        let known = fields
            .iter_mut()
            .find(|field| field.ident.unraw() == feed.data.unraw());
        let Some(field) = known else {
            let ty = feeds
                .iter()
                .filter(|other| other.data.unraw() == feed.data.unraw())
                .find_map(|other| other.ty);
            if check_name(feed, entity, &fields, errors)
                && let Some(ty) = check_type(&feed.data, ty, errors)
            {
                fields.push(DataField {
                    ident: feed.data.clone(),
                    ty: without_self(without_option(ty), &input.ident),
                    serialize_with: feed.serialize_with.clone(),
                    deserialize_with: feed.deserialize_with.clone(),
                    sources: vec![source(&feed.source)],
                });
            }
            continue;
        };
        if field.sources.iter().any(|source| source.event == event) {
            let message = format!(
                "two fields of `{}` feed `{}`\n= help: neither is the later value: feed two fields",
                input.variants[event].ident.unraw(),
                feed.data.unraw(),
            );
            errors.push(Code::Shape, feed.data.span(), message);
        } else {
            if text(field.serialize_with.as_ref()) != text(feed.serialize_with.as_ref()) {
                let message = format!(
                    "another event writes `{}` with another function of serde\n= help: let it feed another field: `#[event(feeds = other_name)]`",
                    feed.data.unraw(),
                );
                errors.push(Code::Shape, feed.data.span(), message);
            }
            field.sources.push(source(&feed.source));
        }
    }
    Data { ident, fields }
}

fn feeds<'a>(input: &'a Input, errors: &mut Errors) -> Vec<FeedSource<'a>> {
    let mut feeds = Vec::new();
    for (event, variant) in input.variants.iter().enumerate() {
        errors.at_variant(event);
        // What was refused is not what the entity is.
        if variant.event.rejection.is_some() {
            continue;
        }
        match &variant.fields {
            Fields::Named(named) => {
                only_on_payload_structs(variant, errors);
                for (position, field) in named.named.iter().enumerate() {
                    of_field(event, position, field, variant, &mut feeds);
                }
            }
            Fields::Unnamed(unnamed) => {
                let on_field = variant.field_feeds.iter().flatten().flatten().next();
                if let Some(name) = on_field {
                    let message = "`feeds` of a payload struct belongs above the variant\n= help: write `#[event(feeds(..))]` above the variant";
                    errors.push(Code::Syntax, name.span(), message);
                }
                if let [payload] = unnamed.unnamed.iter().collect::<Vec<_>>()[..] {
                    of_payload(event, payload, variant, &mut feeds);
                }
            }
            Fields::Unit => only_on_payload_structs(variant, errors),
        }
    }
    feeds
}

fn of_field<'a>(
    event: usize,
    position: usize,
    field: &'a Field,
    variant: &Variant,
    feeds: &mut Vec<FeedSource<'a>>,
) {
    let Some(name) = &field.ident else {
        return;
    };
    let named = variant.field_feeds.get(position).and_then(Option::as_ref);
    for data in named.map_or(std::slice::from_ref(name), Vec::as_slice) {
        feeds.push(FeedSource {
            data: data.clone(),
            is_own: named.is_none(),
            ty: Some(&field.ty),
            serialize_with: serde_with(field, serde::serialize_with),
            deserialize_with: serde_with(field, serde::deserialize_with),
            source: DataSource {
                event,
                from: DataFrom::Field(position),
            },
        });
    }
}

/// Collects the feeds of a payload struct, whose fields the derive cannot see: without `feeds` it
/// is one value.
fn of_payload<'a>(
    event: usize,
    payload: &'a Field,
    variant: &'a Variant,
    feeds: &mut Vec<FeedSource<'a>>,
) {
    let Some((_, named)) = &variant.event.feeds else {
        feeds.push(FeedSource {
            data: snake(&variant.ident),
            is_own: false,
            ty: Some(&payload.ty),
            serialize_with: serde_with(payload, serde::serialize_with),
            deserialize_with: serde_with(payload, serde::deserialize_with),
            source: DataSource {
                event,
                from: DataFrom::Payload,
            },
        });
        return;
    };
    for feed in named {
        let part = feed.payload.as_ref().unwrap_or(&feed.data);
        feeds.push(FeedSource {
            data: feed.data.clone(),
            is_own: false,
            ty: feed.ty.as_ref(),
            serialize_with: None,
            deserialize_with: None,
            source: DataSource {
                event,
                from: DataFrom::Part(part.clone()),
            },
        });
    }
}

fn only_on_payload_structs(variant: &Variant, errors: &mut Errors) {
    if let Some((key, _)) = &variant.event.feeds {
        let message = format!(
            "`{}` has no payload struct\n= help: write `#[event(feeds = ..)]` on one of its fields",
            variant.ident.unraw()
        );
        errors.push(Code::Syntax, key.span(), message);
    }
}

fn check_name(feed: &FeedSource, entity: &str, fields: &[DataField], errors: &mut Errors) -> bool {
    let (data, event) = (&feed.data, feed.source.event);
    let name = data.unraw().to_string();
    if is_reserved_field(entity, &name) {
        if feed.is_own {
            return false;
        }
        let message = format!(
            "the data cannot have the field `{name}`\n= note: every event has a field of that name beside its payload\n= help: let it feed another field: `#[event(feeds = other_name)]`"
        );
        errors.push(Code::Shape, data.span(), message);
        return false;
    }
    for field in fields {
        let other = field.ident.unraw().to_string();
        if clash(&[other.as_str(), &name]).is_some() {
            let in_one_event = field.sources.iter().any(|source| source.event == event);
            if feed.is_own && in_one_event {
                return false;
            }
            let message = format!(
                "the fields `{other}` and `{name}` of the data are spelled alike in JSON\n= help: let both feed one: `#[event(feeds = {other})]`"
            );
            errors.push(Code::Shape, data.span(), message);
            return false;
        }
    }
    true
}

fn check_type<'a>(data: &Ident, ty: Option<&'a Type>, errors: &mut Errors) -> Option<&'a Type> {
    if ty.is_none() {
        let message = format!(
            "the type of `{0}` is unknown: a derive cannot see into payload structs\n= help: add it: `feeds({0}: f64 = ..)`",
            data.unraw()
        );
        errors.push(Code::Shape, data.span(), message);
    }
    ty
}

fn source(source: &DataSource) -> DataSource {
    DataSource {
        event: source.event,
        from: match &source.from {
            DataFrom::Field(position) => DataFrom::Field(*position),
            DataFrom::Part(part) => DataFrom::Part(part.clone()),
            DataFrom::Payload => DataFrom::Payload,
        },
    }
}

fn serde_with(field: &Field, named: fn(&[Attribute]) -> Option<Path>) -> Option<SerdeWith> {
    let path = named(&field.attrs)?;
    let takes_option = option::is_option(&field.ty);
    Some(SerdeWith { path, takes_option })
}

fn text(with: Option<&SerdeWith>) -> Option<(String, bool)> {
    with.map(|with| (with.path.to_token_stream().to_string(), with.takes_option))
}

/// Names a field after a variant: `inbound_shipment` for `InboundShipment`, a keyword as a raw
/// identifier.
fn snake(variant: &Ident) -> Ident {
    let name = variant.unraw().to_string().to_snake_case();
    let ident = syn::parse_str(&name).or_else(|_| syn::parse_str(&format!("r#{name}")));
    let mut ident = ident.unwrap_or_else(|_| variant.clone());
    ident.set_span(variant.span());
    ident
}

/// Returns `T` of `Option<T>`, and other types as they are. An alias of an `Option` is not
/// recognized.
fn without_option(ty: &Type) -> &Type {
    let path = match ty {
        Type::Group(group) => return without_option(&group.elem),
        Type::Paren(paren) => return without_option(&paren.elem),
        Type::Path(path) => &path.path,
        _ => return ty,
    };
    let Some(last) = path.segments.last().filter(|last| last.ident == "Option") else {
        return ty;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return ty;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => inner,
        _ => ty,
    }
}
