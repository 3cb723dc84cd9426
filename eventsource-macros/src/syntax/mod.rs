//! Syntax: the enum as written, with source locations; nothing is resolved or checked here.
//!
//! An error in one key, or in one operand, does not hide the next: the parsers report it, skip to
//! the next comma and go on.

mod accumulator;
mod allowed_roles;
mod case;
mod event;
mod feeds;
mod formula;
mod formula_tokens;
mod id;
mod invariant;
mod items;
mod levels;
pub(crate) mod list;
mod machine;
pub(crate) mod role;
mod timer;
mod vocabulary;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Ident, Visibility};

use crate::errors::Errors;

pub(crate) use allowed_roles::AllowedRoles;
pub(crate) use case::Case;
pub(crate) use event::EventAttr;
pub(crate) use feeds::VariantFeed;
pub(crate) use formula::FormulaName;
pub(crate) use formula_tokens::FormulaTokens;
pub(crate) use id::IdFormat;
pub(crate) use invariant::Invariant;
pub(crate) use levels::{Level, Levels};
pub(crate) use machine::MachineAttr;
pub(crate) use timer::{WrittenTime, WrittenTimer};

/// Enum as written.
pub(crate) struct Input {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// Keyword `struct` or `union` in place of `enum`.
    pub(crate) wrong_item: Option<(&'static str, Span)>,
    pub(crate) machine: MachineAttr,
    pub(crate) variants: Vec<Variant>,
}

/// Variant as written.
pub(crate) struct Variant {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) fields: Fields,
    pub(crate) event: EventAttr,
    /// Data fields that a field feeds, if that is written; one entry per field.
    pub(crate) field_feeds: Vec<Option<Vec<Ident>>>,
}

/// State that the parsers share: the errors, and the names of the events for better help.
pub(crate) struct ParseContext<'a> {
    pub(crate) errors: &'a mut Errors,
    pub(crate) events: &'a [String],
    /// Whether `=>` is allowed here.
    pub(crate) implies: bool,
}

impl ParseContext<'_> {
    fn is_event(&self, word: &Ident) -> bool {
        self.events.iter().any(|event| word.unraw() == event)
    }
}

/// Parses the enum and its attributes.
pub(crate) fn read(input: DeriveInput, errors: &mut Errors) -> Input {
    let (wrong_item, variants) = match input.data {
        Data::Enum(data) => (None, data.variants.into_iter().collect()),
        Data::Struct(data) => (Some(("struct", data.struct_token.span)), Vec::new()),
        Data::Union(data) => (Some(("union", data.union_token.span)), Vec::new()),
    };
    let events: Vec<String> = variants
        .iter()
        .map(|variant: &syn::Variant| variant.ident.unraw().to_string())
        .collect();
    let mut context = ParseContext {
        errors,
        events: &events,
        implies: false,
    };
    context.errors.at_enum();
    let machine = machine::read(&input.attrs, &mut context);
    let variants = variants
        .into_iter()
        .enumerate()
        .map(|(position, variant)| {
            context.errors.at_variant(position);
            Variant {
                event: event::read(&variant, &mut context),
                field_feeds: variant
                    .fields
                    .iter()
                    .map(|field| feeds::of_field(field, &mut context))
                    .collect(),
                attrs: variant.attrs,
                ident: variant.ident,
                fields: variant.fields,
            }
        })
        .collect();
    Input {
        attrs: input.attrs,
        vis: input.vis,
        ident: input.ident,
        generics: input.generics,
        wrong_item,
        machine,
        variants,
    }
}
