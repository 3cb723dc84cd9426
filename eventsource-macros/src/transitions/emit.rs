//! Generates the constants in which the compiler follows the paths.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use super::{EventPath, Invocation, PathStep, StateLiteral};

/// Generates one constant per path, so that an error in one does not hide the next.
pub(super) fn emit(invocation: &Invocation) -> TokenStream {
    let Invocation {
        krate,
        event,
        paths,
    } = invocation;
    let krate = match krate {
        Some(krate) => quote!(#krate),
        None => quote!(::eventsource_core),
    };
    let at = here(end(event));
    let types = quote_spanned! {at=>
        type _Event = #event;
        type _Type = <_Event as _private::Event>::Type;
        const __PATH: _private::ConstPath = _private::path::<_Event>();
    };
    let paths = paths.iter().map(|path| {
        if path.whole {
            checked(path)
        } else {
            named(path)
        }
    });
    quote! {
        const _: () = {
            use #krate::__private as _private;
            #types
            #(#paths)*
        };
    }
}

/// Generates the calls that follow a path.
///
/// A wrong step is reported at its call, so every token of the call has the step's location; the
/// name keeps its own.
fn checked(path: &EventPath) -> TokenStream {
    let start = path.start.as_ref().map(|state| {
        let (at, events) = (here(state.braces.join()), positions(state));
        quote_spanned!(at=> let __path = __path.starting_in(#events);)
    });
    let steps = path.steps.iter().map(|step| match step {
        PathStep::Then(event) => {
            let at = here(event.span());
            quote_spanned!(at=> let __path = _private::ConstPath::then(__path, _Type::#event as u8);)
        }
        PathStep::ThenNever(event) => {
            let at = here(event.span());
            quote_spanned!(at=> let __path = _private::ConstPath::then_never(__path, _Type::#event as u8);)
        }
        PathStep::Reaching(state) => {
            let (at, events) = (here(state.braces.join()), positions(state));
            quote_spanned!(at=> let __path = _private::ConstPath::reaching(__path, #events);)
        }
    });
    quote! {
        const _: () = {
            let __path = __PATH;
            #start
            #(#steps)*
            let _ = __path;
        };
    }
}

/// Generates uses of the events in a path with mistakes, so that the compiler still looks them up.
fn named(path: &EventPath) -> TokenStream {
    let start = path.start.as_ref().map(positions);
    let steps = path.steps.iter().map(|step| match step {
        PathStep::Then(event) | PathStep::ThenNever(event) => {
            let at = here(event.span());
            quote_spanned!(at=> &[_Type::#event as u8])
        }
        PathStep::Reaching(state) => positions(state),
    });
    let names: Vec<TokenStream> = start.into_iter().chain(steps).collect();
    quote!(const _: &[&[u8]] = &[#(#names),*];)
}

fn positions(state: &StateLiteral) -> TokenStream {
    let events = state.events.iter().map(|event| {
        let at = here(event.span());
        quote_spanned!(at=> _Type::#event as u8)
    });
    quote!(&[#(#events),*])
}

/// Creates a span for the names of the expansion, at the author's code.
fn here(span: Span) -> Span {
    Span::call_site().located_at(span)
}

fn end(path: &Path) -> Span {
    path.segments
        .last()
        .map_or_else(Span::call_site, |last| last.ident.span())
}
