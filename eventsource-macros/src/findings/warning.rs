//! Warnings from a derive macro.
//!
//! A derive can report errors in its own words, but not warnings. rustc warns of the use of
//! anything deprecated, with the note of the deprecation. So a warning is the use of a deprecated
//! macro that does nothing, at the location of the warning. A macro is the one deprecated item that
//! is underlined from the first token of its path to the last, with the path shown as written.
//!
//! rustc reports lints in the expansion of a derive only if they have the location of the author's
//! own tokens. As a lint the warning is silent in dependencies, obeys `#![deny(warnings)]`, and can
//! be silenced by `#![allow(deprecated)]`.

use eventsource_model::findings::Finding;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// Name of the macro's module. It must be unlikely in the author's scope, or rustc would call the
/// name ambiguous.
const MODULE: &str = "eventsource_finding";

/// Generates an item for which rustc reports the finding on the range from the first of `tokens` to
/// the last.
pub(super) fn on(tokens: &TokenStream, finding: &Finding) -> TokenStream {
    let (first, last) = ends(tokens);
    let (code, message) = (finding.code, finding.to_string());
    let module = Ident::new(MODULE, Span::call_site());
    let name = Ident::new(code.name(), Span::call_site());
    let (module_here, name_here) = (Ident::new(MODULE, first), Ident::new(code.name(), last));
    quote! {
        const _: () = {
            mod #module {
                #[deprecated(note = #message)]
                macro_rules! #name {
                    () => {};
                }
                pub(super) use #name;
            }
            #module_here::#name_here! {}
        };
    }
}

/// Returns the locations of the first token and of the last.
fn ends(tokens: &TokenStream) -> (Span, Span) {
    let mut tokens = tokens.clone().into_iter();
    let first = tokens.next();
    let last = tokens.last().or_else(|| first.clone());
    let open = |token: TokenTree| match token {
        TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    };
    let close = |token: TokenTree| match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    };
    (
        first.map_or_else(Span::call_site, open),
        last.map_or_else(Span::call_site, close),
    )
}
