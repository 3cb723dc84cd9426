//! Generates the handle of an enum with errors, on which every event is legal.

use quote::quote;

use super::{handle, named};
use crate::model::{Outline, Typestate};

/// Generates the items of [`emit`](super::emit) with bodies that never run.
pub(crate) fn stub(outline: &Outline) -> super::TypedHandle {
    let (
        Some(Typestate {
            handle,
            states,
            methods,
        }),
        Some(krate),
    ) = (&outline.typestate, &outline.krate)
    else {
        return super::TypedHandle::default();
    };
    if !outline.can_be_event {
        return super::TypedHandle::default();
    }
    let Outline {
        vis,
        ident,
        variants,
        ..
    } = outline;
    let after = variants
        .iter()
        .map(|variant| named("After", &variant.ident));
    let before = variants
        .iter()
        .map(|variant| named("Before", &variant.ident));
    let methods = variants.iter().zip(methods).map(|(variant, method)| {
        let (arguments, _) = handle::call(ident, variant);
        quote! {
            pub fn #method(self, #arguments) -> Self {
                loop {}
            }
        }
    });
    let items = quote! {
        #[allow(dead_code, nonstandard_style)]
        #vis mod #states {
            pub type Nothing = ();
            pub type Anything = ();
            #(
                pub type #before = ();
                pub type #after = ();
            )*
        }
        #[allow(dead_code)]
        #vis struct #handle<K = ()> {
            draft: #krate::typed::Draft<#ident>,
            known: ::core::marker::PhantomData<fn() -> K>,
        }
    };
    let impls = quote! {
        #[automatically_derived]
        impl _core::typed::Handle for #handle {
            type Event = #ident;
            const KNOWN: _core::model::Knowledge = _core::model::Knowledge::NONE;
            fn into_draft(self) -> _core::typed::Draft<#ident> {
                loop {}
            }
            fn from_draft(_: _core::typed::Draft<#ident>) -> Self {
                loop {}
            }
        }
        #[automatically_derived]
        impl ::core::ops::Deref for #handle {
            type Target = _core::typed::Draft<#ident>;
            fn deref(&self) -> &_core::typed::Draft<#ident> {
                loop {}
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for #handle {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                loop {}
            }
        }
        #[allow(dead_code, unused_variables, unreachable_code, nonstandard_style)]
        impl #handle {
            pub fn new(_: _core::EntityId) -> Self {
                loop {}
            }
            pub fn narrow<To>(
                self,
            ) -> ::core::result::Result<#handle<To>, _core::typed::NarrowError<Self>> {
                loop {}
            }
            pub fn widen<To>(self) -> #handle<To> {
                loop {}
            }
            #(#methods)*
        }
        _private::with_store! {
            #[allow(dead_code, unreachable_code)]
            impl #handle {
                pub async fn load(
                    _: &_core::EventStore<#ident>,
                    _: _core::EntityId,
                ) -> ::core::result::Result<::core::option::Option<Self>, _core::Error> {
                    loop {}
                }
                pub fn append(
                    self,
                    _: &_core::EventStore<#ident>,
                ) -> _core::typed::HandleAppend<'_, Self> {
                    loop {}
                }
            }
        }
    };
    super::TypedHandle { items, impls }
}
