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

/// The whole of `transitions!(..)`.
struct Invocation {
    /// Where `eventsource_core` is, unless it is there by that name.
    krate: Option<Path>,
    /// The enum of events.
    event: Path,
    paths: Vec<EventPath>,
}

/// What stands between two semicolons.
struct EventPath {
    /// The state of `from {..}`.
    start: Option<State>,
    steps: Vec<Step>,
    /// Whether everything in it could be read.
    whole: bool,
}

enum Step {
    /// `-> Started`, and the event that begins a path
    Then(Ident),
    /// `-/-> Started`
    ThenNever(Ident),
    /// `=> {Started}`
    Reaching(State),
}

/// `{Created, Assigned}`
struct State {
    braces: proc_macro2::extra::DelimSpan,
    events: Vec<Ident>,
}

/// The macro on tokens that do not need a compiler around them.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let checks = syntax::read(input, &mut errors).map(|invocation| emit::emit(&invocation));
    let errors = errors.into_compile_errors();
    quote! {
        #errors
        #checks
    }
}
