//! Warnings from a derive.
//!
//! Only errors can be reported in words of one's own, but rustc warns of the use of anything that
//! is deprecated, in the words of whoever deprecated it. So a warning is the use of a deprecated
//! macro that does nothing, written where the warning should stand. Of all that can be deprecated a
//! macro is underlined from the first token of its path to the last, and the path is shown as it
//! is written.
//!
//! What rustc finds in the expansion of a derive it keeps to itself; what has the place of the
//! author's own tokens it reports. As a lint it is silent in dependencies, obeys
//! `#![deny(warnings)]`, and `#![allow(deprecated)]` silences it.

use eventsource_model::findings::Finding;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// Unlikely to be anything else where the enum is: rustc would call the name ambiguous.
const MODULE: &str = "eventsource_finding";

/// An item that makes rustc warn of the finding on everything from the first of `tokens` to the
/// last.
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

/// The places of the first token and of the last.
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
