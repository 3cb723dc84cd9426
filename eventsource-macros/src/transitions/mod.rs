//! `transitions!`: paths of events that the compiler checks.
//!
//! The macro knows no machine: `syntax` reads the paths, and `emit` writes constants that follow
//! them through the table of the enum, so it is the compiler that finds what is illegal.

mod emit;
mod syntax;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Path};

use crate::errors::Errors;

/// Invocation of `transitions!(..)`.
struct Invocation {
    /// Path of `eventsource_core`, unless it has that name here.
    krate: Option<Path>,
    /// Path of the enum of events.
    event: Path,
    paths: Vec<EventPath>,
}

/// Path of events, between two semicolons.
struct EventPath {
    /// State of `from {..}`, in which the path starts.
    start: Option<StateLiteral>,
    steps: Vec<PathStep>,
    /// Whether all of it could be parsed.
    whole: bool,
}

enum PathStep {
    /// Step `-> Started`, and the event that begins a path.
    Then(Ident),
    /// Step `-/-> Started`.
    ThenNever(Ident),
    /// Step `=> {Started}`.
    Reaching(StateLiteral),
}

/// State `{Created, Assigned}`, as written.
struct StateLiteral {
    braces: proc_macro2::extra::DelimSpan,
    events: Vec<Ident>,
}

/// Expands the macro, on tokens that do not need a compiler around them.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let checks = syntax::read(input, &mut errors).map(|invocation| emit::emit(&invocation));
    let errors = errors.into_compile_errors();
    quote! {
        #errors
        #checks
    }
}
