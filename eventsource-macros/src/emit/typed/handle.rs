//! Generates the typed handle: `TaskHandle`.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Fields, Type};

use super::rule::Rule;
use super::{HandleContext, named};
use crate::model::{Outline, Typestate, Variant};

/// Generates `struct TaskHandle<K>`.
pub(super) fn declaration(typed: &HandleContext) -> TokenStream {
    let HandleContext {
        outline,
        typestate,
        krate,
        ..
    } = typed;
    let Outline { vis, ident, .. } = outline;
    let Typestate { handle, states, .. } = typestate;
    let entity = &typed.model.entity;
    let summary = format!(
        " Handle of one {entity}, with a method for each event of [`{}`] that is sure to be legal.",
        ident.unraw()
    );
    let detail = format!(
        " `K` is the knowledge of its state, one of the names in [`{states}`]. The methods collect events; `append` stores them."
    );
    quote! {
        #[doc = #summary]
        #[doc = ""]
        #[doc = #detail]
        #[allow(dead_code, nonstandard_style, clippy::module_name_repetitions)]
        #vis struct #handle<K = #states::Anything> {
            draft: #krate::typed::Draft<#ident>,
            known: ::core::marker::PhantomData<fn() -> K>,
        }
    }
}

/// Generates the trait implementations and methods of the handle.
pub(super) fn impls(typed: &HandleContext) -> TokenStream {
    let Typestate { handle, states, .. } = typed.typestate;
    let ident = &typed.outline.ident;
    let entity = &typed.model.entity;
    let methods = methods(typed);
    let new = format!(" Creates the handle of a new {entity}.");
    let load = format!(
        " Loads the {entity} with this id, without knowledge of its state; `None` if it has no events."
    );
    let stored = stored(typed, &load);
    quote! {
        #[automatically_derived]
        impl<K: #states::Knowledge> _core::typed::Handle for #handle<K> {
            type Event = #ident;
            const KNOWN: _core::model::Knowledge = K::KNOWN;
            fn into_draft(self) -> _core::typed::Draft<#ident> {
                self.draft
            }
            fn from_draft(draft: _core::typed::Draft<#ident>) -> Self {
                #handle { draft, known: ::core::marker::PhantomData }
            }
        }
        #[automatically_derived]
        impl<K> ::core::ops::Deref for #handle<K> {
            type Target = _core::typed::Draft<#ident>;
            fn deref(&self) -> &_core::typed::Draft<#ident> {
                &self.draft
            }
        }
        #[automatically_derived]
        impl<K> ::core::fmt::Debug for #handle<K> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.draft, f)
            }
        }
        #[allow(dead_code)]
        impl #handle<#states::Nothing> {
            #[doc = #new]
            #[must_use]
            pub fn new(id: _core::EntityId) -> Self {
                let draft = _core::typed::Draft::new(id);
                #handle { draft, known: ::core::marker::PhantomData }
            }
        }
        #[allow(dead_code)]
        impl<K: #states::Knowledge> #handle<K> {
            /// Checks the state: returns the handle with the knowledge `To`, if its state has it.
            ///
            /// # Errors
            /// The handle unchanged, if its state does not have it.
            pub fn narrow<To: #states::Knowledge>(
                self,
            ) -> ::core::result::Result<#handle<To>, _core::typed::NarrowError<Self>> {
                _private::typed::narrow(self)
            }
            /// Converts to a handle of which less is known.
            #[must_use]
            pub fn widen<To: #states::Knowledge>(self) -> #handle<To>
            where
                K: #states::Implies<To>,
            {
                #handle { draft: self.draft, known: ::core::marker::PhantomData }
            }
        }
        #methods
        #stored
    }
}

/// Generates the methods that need a store.
fn stored(typed: &HandleContext, load: &str) -> TokenStream {
    let Typestate { handle, states, .. } = typed.typestate;
    let ident = &typed.outline.ident;
    quote! {
        _private::with_store! {
            #[allow(dead_code)]
            impl #handle {
                #[doc = #load]
                ///
                /// # Errors
                /// The errors of `EventStore::head`.
                pub async fn load(
                    events: &_core::EventStore<#ident>,
                    id: _core::EntityId,
                ) -> ::core::result::Result<::core::option::Option<Self>, _core::Error> {
                    match _core::EventStore::head(events, id).await {
                        ::core::result::Result::Ok(head) => ::core::result::Result::Ok(
                            ::core::option::Option::map(
                                head,
                                <Self as ::core::convert::From<_core::Head<#ident>>>::from,
                            ),
                        ),
                        ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
                    }
                }
            }
            #[automatically_derived]
            impl ::core::convert::From<_core::Head<#ident>> for #handle {
                fn from(head: _core::Head<#ident>) -> Self {
                    let draft = <_core::typed::Draft<#ident> as
                        ::core::convert::From<_core::Head<#ident>>>::from(head);
                    #handle { draft, known: ::core::marker::PhantomData }
                }
            }
            #[allow(dead_code)]
            impl<K: #states::Knowledge> #handle<K> {
                /// Stores the collected events, all of them or none, when the returned builder is
                /// awaited.
                pub fn append(
                    self,
                    events: &_core::EventStore<#ident>,
                ) -> _core::typed::HandleAppend<'_, Self> {
                    _core::typed::HandleAppend::new(events, self)
                }
            }
        }
    }
}

/// Generates the methods of the events.
fn methods(typed: &HandleContext) -> TokenStream {
    let Typestate {
        handle,
        states,
        methods,
    } = typed.typestate;
    let variants = &typed.outline.variants;
    // The parameter must not hide a type of the author's.
    let used = variants.iter().any(|v| names_k(v.fields.to_token_stream()));
    let known = if used {
        format_ident!("__K")
    } else {
        format_ident!("K")
    };
    let methods = variants
        .iter()
        .zip(methods)
        .zip(&typed.rules)
        .map(|((variant, name), rule)| method(typed, &known, variant, name, rule));
    quote! {
        #[allow(
            dead_code,
            nonstandard_style,
            clippy::too_many_arguments,
            clippy::should_implement_trait,
            clippy::wrong_self_convention,
        )]
        impl<#known: #states::Knowledge> #handle<#known> {
            #(#methods)*
        }
    }
}

/// Generates the method of one event.
fn method(
    typed: &HandleContext,
    known: &Ident,
    variant: &Variant,
    method: &Ident,
    rule: &Rule,
) -> TokenStream {
    let handle = &typed.typestate.handle;
    let ident = &typed.outline.ident;
    let (name, formula) = (variant.ident.unraw(), &rule.formula);
    let doc = format!(
        " Applies [`{name}`]({}::{name}), which follows `{formula}`.",
        ident.unraw()
    );
    let must_use = format!("the events of a `{handle}` are stored by its `append`");
    let after = named("After", &variant.ident);
    let bounds = renamed(rule.bounds.clone(), "K", known);
    let (arguments, event) = call(ident, variant);
    quote! {
        #[doc = #doc]
        #[must_use = #must_use]
        pub fn #method(self, #arguments) -> #handle<#known::#after>
        where
            #bounds
        {
            #handle {
                draft: _core::typed::Draft::with(self.draft, #event),
                known: ::core::marker::PhantomData,
            }
        }
    }
}

/// Returns the arguments of a method, and the event that it makes of them.
pub(super) fn call(ident: &Ident, variant: &Variant) -> (TokenStream, TokenStream) {
    let name = &variant.ident;
    let own = |ty: &Type| renamed(ty.to_token_stream(), "Self", ident);
    match &variant.fields {
        Fields::Unit => (TokenStream::new(), quote!(#ident::#name)),
        Fields::Unnamed(fields) => {
            let payload = fields.unnamed.first().map(|field| own(&field.ty));
            (quote!(payload: #payload), quote!(#ident::#name(payload)))
        }
        Fields::Named(fields) => {
            let names: Vec<_> = fields.named.iter().map(|field| &field.ident).collect();
            let types = fields.named.iter().map(|field| own(&field.ty));
            (
                quote!(#(#names: #types),*),
                quote!(#ident::#name { #(#names),* }),
            )
        }
    }
}

fn names_k(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "K",
        TokenTree::Group(group) => names_k(group.stream()),
        _ => false,
    })
}

/// Renames an identifier in the tokens.
fn renamed(tokens: TokenStream, from: &str, to: &Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(word) if word == from => TokenTree::Ident(to.clone()),
            TokenTree::Group(group) => {
                let stream = renamed(group.stream(), from, to);
                let mut renamed = Group::new(group.delimiter(), stream);
                renamed.set_span(group.span());
                TokenTree::Group(renamed)
            }
            other => other,
        })
        .collect()
}
