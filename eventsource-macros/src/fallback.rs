//! Generates stubs for an enum with errors.
//!
//! The code that uses the enum then compiles as far as it can, so that one mistake gives one
//! message and not one more at every use.

use proc_macro2::TokenStream;
use quote::quote;

use crate::docs::Docs;
use crate::emit;
use crate::model::Outline;

/// Generates the items of [`emit::emit`] with bodies that never run.
pub(crate) fn stubs(outline: &Outline) -> TokenStream {
    let Outline {
        ident, type_ident, ..
    } = outline;
    let declaration = emit::declaration(outline, &Docs::of_stub(outline));
    // Else the bounds of the trait would be errors of their own.
    let data = &outline.data.ident;
    let data_declaration = outline
        .can_be_event
        .then(|| emit::data::declaration(outline));
    let event = outline.can_be_event.then(|| {
        quote! {
            #[automatically_derived]
            impl _core::Event for #ident {
                type Type = #type_ident;
                type Data = #data;
                const ENTITY: &'static str = "";
                const DATA_FIELDS: &'static [_core::DataField] = &[];
                fn clear_data_field(_: &mut #data, _: usize) {
                    loop {}
                }
                fn event_type(&self) -> #type_ident {
                    loop {}
                }
            }
            #[automatically_derived]
            impl _core::Fold<#ident> for #data {
                fn apply(&mut self, _: &_core::RecordedEvent<#ident>) {
                    loop {}
                }
            }
            #[automatically_derived]
            impl _private::Serialize for #data {
                fn serialize<S: _private::Serializer>(
                    &self,
                    _: S,
                ) -> ::core::result::Result<
                    <S as _private::Serializer>::Ok,
                    <S as _private::Serializer>::Error,
                > {
                    loop {}
                }
            }
        }
    });
    let impls = quote! {
        #event
        #[automatically_derived]
        impl _core::EventType for #type_ident {
            const MACHINE: &'static _private::Machine = &_private::Machine::from_table(
                _private::Cow::Borrowed(""),
                _private::Cow::Borrowed(&[]),
                _private::ReadRule::OPEN,
            );
            const ALL: &'static [Self] = &[];
            fn index(self) -> _private::EventIndex {
                loop {}
            }
            fn name(self) -> &'static str {
                loop {}
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #type_ident {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                loop {}
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #type_ident {
            type Err = _core::UnknownEventType;
            fn from_str(_: &str) -> ::core::result::Result<Self, _core::UnknownEventType> {
                loop {}
            }
        }
        #[automatically_derived]
        impl ::core::cmp::Ord for #type_ident {
            fn cmp(&self, _: &Self) -> ::core::cmp::Ordering {
                loop {}
            }
        }
        #[automatically_derived]
        impl ::core::cmp::PartialOrd for #type_ident {
            fn partial_cmp(&self, _: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                loop {}
            }
        }
    };
    let emit::typed::TypedHandle {
        items,
        impls: typed,
    } = emit::typed::stub(outline);
    let impls = emit::in_const(outline.krate.as_ref(), &quote!(#impls #typed));
    quote! {
        #[allow(dead_code, unreachable_code)]
        #declaration
        #data_declaration
        #items
        #impls
    }
}
