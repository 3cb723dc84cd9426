//! Generates the fieldless enum of event types and its trait implementations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::table;
use crate::docs::Docs;
use crate::model::{Model, Outline};

/// Generates `enum TaskEventType`.
pub(crate) fn declaration(outline: &Outline, docs: &Docs) -> TokenStream {
    let Outline {
        vis, type_ident, ..
    } = outline;
    let variants = outline.variants.iter().zip(&docs.of_variants);
    let variants = variants.map(|(variant, docs)| {
        let ident = &variant.ident;
        quote!(#docs #ident)
    });
    let docs = &docs.of_type;
    quote! {
        #docs
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        // The names are the author's: lints about them belong to the enum of events.
        #[allow(
            nonstandard_style,
            clippy::enum_variant_names,
            clippy::module_name_repetitions,
            clippy::upper_case_acronyms,
        )]
        #vis enum #type_ident {
            #(#variants,)*
        }
    }
}

/// Generates `impl EventType for TaskEventType` and the traits that it requires.
pub(super) fn impls(model: &Model) -> TokenStream {
    let event_type = event_type(model);
    let text = text(model);
    let order = order(&model.outline);
    quote! {
        #event_type
        #text
        #order
    }
}

fn event_type(model: &Model) -> TokenStream {
    let Outline {
        type_ident,
        variants,
        ..
    } = &model.outline;
    let entity = &model.entity;
    let (reading, unique) = (table::reading(model), table::unique(model));
    let from_table = format_ident!(
        "{}",
        if model.unique.is_empty() {
            "from_table"
        } else {
            "from_table_with"
        }
    );
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names = model.events.iter().map(|event| &event.name);
    let variants = idents.iter().map(|ident| ident.unraw().to_string());
    let by_type = model.events.iter().map(|event| &event.required_by_type);
    let by_type = by_type.map(|fields| quote!(&[#(#fields),*]));
    quote! {
        const fn index(event: #type_ident) -> _private::EventIndex {
            _private::EventIndex::from_table(event as u8)
        }
        #[automatically_derived]
        impl _core::EventType for #type_ident {
            const MACHINE: &'static _private::Machine = &_private::Machine::#from_table(
                _private::Cow::Borrowed(#entity),
                _private::Cow::Borrowed(RULES),
                #reading,
                #unique
            );
            const ALL: &'static [Self] = &[#(Self::#idents),*];
            const VARIANTS: &'static [&'static str] = &[#(#variants),*];
            const REQUIRED_BY_TYPE: &'static [&'static [&'static str]] = &[#(#by_type),*];
            fn index(self) -> _private::EventIndex {
                index(self)
            }
            fn name(self) -> &'static str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }
        }
    }
}

/// Generates `Display` and `FromStr`, by the stored name.
fn text(model: &Model) -> TokenStream {
    let Outline {
        type_ident,
        variants,
        ..
    } = &model.outline;
    let entity = &model.entity;
    let idents = variants.iter().map(|variant| &variant.ident);
    let names = model.events.iter().map(|event| &event.name);
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #type_ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(_core::EventType::name(*self))
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #type_ident {
            type Err = _core::UnknownEventType;
            fn from_str(name: &str) -> ::core::result::Result<Self, _core::UnknownEventType> {
                match name {
                    #(#names => ::core::result::Result::Ok(Self::#idents),)*
                    _ => ::core::result::Result::Err(
                        _core::UnknownEventType::new(#entity, name),
                    ),
                }
            }
        }
    }
}

/// Generates the order by stored name, so that the declaration order may change.
fn order(outline: &Outline) -> TokenStream {
    let type_ident = &outline.type_ident;
    quote! {
        #[automatically_derived]
        impl ::core::cmp::Ord for #type_ident {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                ::core::cmp::Ord::cmp(
                    _core::EventType::name(*self),
                    _core::EventType::name(*other),
                )
            }
        }
        #[automatically_derived]
        impl ::core::cmp::PartialOrd for #type_ident {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }
    }
}
