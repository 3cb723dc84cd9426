//! Generates the struct of an entity's data: the latest value of each payload field.

mod snapshot;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Fields;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::check::data::without_self;
use crate::docs;
use crate::model::{DataField, DataFrom, Outline, SerdeWith};

/// Generates `struct TaskData`.
pub(crate) fn declaration(outline: &Outline) -> TokenStream {
    let Outline { vis, data, .. } = outline;
    let ident = &data.ident;
    let docs = docs::of_data(outline);
    let fields = data.fields.iter().map(|field| {
        let docs = docs::of_data_field(outline, field);
        let DataField { ident, ty, .. } = field;
        // The whole field has the location of its type, the only part that can be wrong.
        let field = quote_spanned!(at(ty.span())=> pub #ident: ::core::option::Option<#ty>);
        quote!(#docs #field)
    });
    let (debug, partial_eq) = (debug(outline), partial_eq(outline));
    quote! {
        #docs
        #[derive(::core::clone::Clone, ::core::default::Default)]
        // The names are the author's: lints about them belong to the enum of events.
        #[allow(
            nonstandard_style,
            clippy::derive_partial_eq_without_eq,
            clippy::struct_excessive_bools,
            clippy::struct_field_names,
        )]
        #vis struct #ident {
            #(#fields,)*
        }

        #debug
        #partial_eq
    }
}

/// Generates a condition that every field implements the trait, so that payloads need it only if it
/// is used.
///
/// rustc refuses a false condition on a type without parameters at once, unless a lifetime occurs
/// in it.
fn if_fields(outline: &Outline, of_trait: &TokenStream) -> TokenStream {
    if_fields_but(outline, of_trait, |_| true)
}

/// Generates a condition that some of the fields implement the trait.
fn if_fields_but(
    outline: &Outline,
    of_trait: &TokenStream,
    asked: impl Fn(&DataField) -> bool,
) -> TokenStream {
    let mut seen = Vec::new();
    let mut bounds = TokenStream::new();
    for field in outline.data.fields.iter().filter(|field| asked(field)) {
        let ty = &field.ty;
        let written = quote!(#ty).to_string();
        if !seen.contains(&written) {
            bounds.extend(quote!(for<'used> ::core::option::Option<#ty>: #of_trait,));
            seen.push(written);
        }
    }
    quote!(where #bounds)
}

fn debug(outline: &Outline) -> TokenStream {
    let data = &outline.data;
    let ident = &data.ident;
    let formatter = local("formatter");
    let bounds = if_fields(outline, &quote!(::core::fmt::Debug));
    let name = ident.unraw().to_string();
    let fields = data.fields.iter().map(|field| {
        let ident = &field.ident;
        let name = ident.unraw().to_string();
        quote!(.field(#name, &self.#ident))
    });
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Debug for #ident #bounds {
            fn fmt(
                &self,
                #formatter: &mut ::core::fmt::Formatter<'_>,
            ) -> ::core::fmt::Result {
                #formatter.debug_struct(#name)#(#fields)*.finish()
            }
        }
    }
}

fn partial_eq(outline: &Outline) -> TokenStream {
    let data = &outline.data;
    let ident = &data.ident;
    let other = local("other");
    let bounds = if_fields(outline, &quote!(::core::cmp::PartialEq));
    let fields = data.fields.iter().map(|field| {
        let ident = &field.ident;
        quote!(::core::cmp::PartialEq::eq(&self.#ident, &#other.#ident))
    });
    let compared = if data.fields.is_empty() {
        quote!({ let _ = #other; true })
    } else {
        quote!(#(#fields)&&*)
    };
    quote! {
        #[automatically_derived]
        impl ::core::cmp::PartialEq for #ident #bounds {
            fn eq(&self, #other: &Self) -> bool {
                #compared
            }
        }
    }
}

/// Generates `impl Fold<TaskEvent> for TaskData`, its JSON form, and its snapshot.
pub(super) fn impls(outline: &Outline) -> TokenStream {
    let (fold, serialize) = (fold(outline), serialize(outline));
    let snapshot = snapshot::impls(outline);
    quote! {
        #fold
        #serialize
        #snapshot
    }
}

/// Generates `&[DataField { .. }, ..]`, for the search in stored payloads.
pub(super) fn table(outline: &Outline) -> TokenStream {
    let fields = outline.data.fields.iter().map(|field| {
        let name = field.ident.unraw().to_string();
        let sources = field.sources.iter().map(|source| {
            let event = &outline.variants[source.event];
            let (type_ident, variant) = (&outline.type_ident, &event.ident);
            match outline.payload_field(source) {
                Some(field) => {
                    quote!(_core::DataSource::field(index(#type_ident::#variant), #field))
                }
                None => quote!(_core::DataSource::payload(index(#type_ident::#variant))),
            }
        });
        quote!(_core::DataField::new(#name, &[#(#sources),*]))
    });
    quote!(&[#(#fields),*])
}

/// Generates `fn clear_data_field`, for readers that may not see a field.
pub(super) fn clear(outline: &Outline) -> TokenStream {
    let data = &outline.data.ident;
    let (value, position) = (local("data"), local("position"));
    let arms = outline.data.fields.iter().enumerate().map(|(at, field)| {
        let (ident, at) = (&field.ident, Literal::usize_unsuffixed(at));
        quote!(#at => #value.#ident = ::core::option::Option::None,)
    });
    let unused = outline
        .data
        .fields
        .is_empty()
        .then(|| quote!(let _ = #value;));
    quote! {
        fn clear_data_field(#value: &mut #data, #position: usize) {
            #unused
            match #position {
                #(#arms)*
                _ => {}
            }
        }
    }
}

/// Creates a local name that is invisible to the author's code.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

fn local_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Creates a span for generated code whose errors are shown at the author's code.
fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

fn fold(outline: &Outline) -> TokenStream {
    let Outline { ident, data, .. } = outline;
    let data_ident = &data.ident;
    let (recorded, payload) = (local("recorded"), local("payload"));
    let mut silent = false;
    let mut arms = Vec::new();
    for (event, variant) in outline.variants.iter().enumerate() {
        let variant_ident = &variant.ident;
        let mut bound = TokenStream::new();
        let mut feeds = TokenStream::new();
        for field in &data.fields {
            let target = &field.ident;
            for source in field.sources.iter().filter(|source| source.event == event) {
                match &source.from {
                    DataFrom::Field(position) => {
                        let Some(from) = variant.fields.iter().nth(*position) else {
                            continue;
                        };
                        let (name, from_ty) = (&from.ident, &from.ty);
                        let ty = &field.ty;
                        let from = without_self(from_ty, ident);
                        let value = local(&format!("value{position}"));
                        let is_bound = bound.to_string().contains(&value.to_string());
                        if !is_bound {
                            bound.extend(quote!(#name: #value,));
                        }
                        feeds.extend(quote_spanned! {at(from_ty.span())=>
                            _private::assign::<#ty, #from>(&mut self.#target, #value);
                        });
                    }
                    DataFrom::Part(part) => {
                        let payload = local_at("payload", part.span());
                        feeds.extend(quote_spanned! {at(part.span())=>
                            _private::assign(&mut self.#target, &#payload.#part);
                        });
                    }
                    DataFrom::Payload => {
                        feeds.extend(quote!(_private::assign(&mut self.#target, #payload);));
                    }
                }
            }
        }
        if feeds.is_empty() {
            silent = true;
            continue;
        }
        let pattern = match &variant.fields {
            Fields::Named(_) => quote!({ #bound .. }),
            _ => quote!((#payload)),
        };
        arms.push(quote!(#ident::#variant_ident #pattern => { #feeds }));
    }
    let silent = silent.then(|| quote!(_ => {}));
    quote! {
        #[automatically_derived]
        impl _core::Fold<#ident> for #data_ident {
            fn apply(&mut self, #recorded: &_core::RecordedEvent<#ident>) {
                match &#recorded.event {
                    #(#arms)*
                    #silent
                }
            }
        }
    }
}

fn serialize(outline: &Outline) -> TokenStream {
    let data = &outline.data;
    let ident = &data.ident;
    let name = ident.unraw().to_string();
    let count = data.fields.len();
    let (serializer, fields) = (local("serializer"), local("fields"));
    let each = data.fields.iter().enumerate().map(|(position, field)| {
        let ident = &field.ident;
        let name = ident.unraw().to_string();
        let (written, value) = match &field.serialize_with {
            None => (TokenStream::new(), quote!(self.#ident)),
            Some(with) => written_by(position, field, with),
        };
        quote! {
            #written
            _private::SerializeStruct::serialize_field(&mut #fields, #name, &#value)?;
        }
    });
    let mutable = (count > 0).then(|| quote!(mut));
    quote! {
        #[automatically_derived]
        impl _private::Serialize for #ident {
            fn serialize<S: _private::Serializer>(
                &self,
                #serializer: S,
            ) -> ::core::result::Result<
                <S as _private::Serializer>::Ok,
                <S as _private::Serializer>::Error,
            > {
                let #mutable #fields =
                    _private::Serializer::serialize_struct(#serializer, #name, #count)?;
                #(#each)*
                _private::SerializeStruct::end(#fields)
            }
        }
    }
}

/// Generates a struct that is serialized by the function which the author named, and the value in
/// it.
fn written_by(position: usize, field: &DataField, with: &SerdeWith) -> (TokenStream, TokenStream) {
    let DataField { ident, ty, .. } = field;
    let path = &with.path;
    let written = local(&format!("Written{position}"));
    let (holds, value) = if with.takes_option {
        (
            quote!(::core::option::Option<#ty>),
            quote!(|_| #written(&self.#ident)),
        )
    } else {
        (quote!(#ty), quote!(#written))
    };
    let declaration = quote! {
        struct #written<'a>(&'a #holds);
        impl _private::Serialize for #written<'_> {
            fn serialize<S: _private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<
                <S as _private::Serializer>::Ok,
                <S as _private::Serializer>::Error,
            > {
                #path(self.0, serializer)
            }
        }
    };
    let value = quote! {
        ::core::option::Option::map(::core::option::Option::as_ref(&self.#ident), #value)
    };
    (declaration, value)
}
