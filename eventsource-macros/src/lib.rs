//! `#[derive(Event)]`: an annotated enum becomes an event-sourced state machine.
//!
//! Use the macros from `eventsource_core`, which re-exports them beside the traits that they
//! implement. The documentation of each macro is a file in `reference`.
//!
//! | module | contents |
//! | --- | --- |
//! | `derive` | the stages of `#[derive(Event)]`, in order: the five modules below, then `emit` |
//! | `syntax` | parses the attributes, with their source locations |
//! | `check` | resolves names and checks rules: from syntax to the `model` |
//! | `lower` | compiles the model to a machine, with the compiler of `eventsource-model` |
//! | `findings` | reports mistakes in the rules that the machine shows, as errors and warnings |
//! | `fallback` | generates stubs for an enum with errors |
//! | `emit` | generates the code, and `docs` its documentation |
//! | `errors` | collects the errors of all stages |
//! | `suggest` | suggests names for unknown words |
//! | `role` | `#[derive(Role)]`, with the same means |
//! | `transitions` | `transitions!`: paths of events, checked by the compiler |
//! | `union` | `event_fragment!` and `event_union!`: rules that several machines share |

mod check;
mod derive;
mod docs;
mod emit;
mod errors;
mod fallback;
mod findings;
mod lower;
mod model;
mod role;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod transitions;
mod union;

#[doc = include_str!("reference/event.md")]
#[proc_macro_derive(Event, attributes(machine, event))]
pub fn derive_event(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::expand(input.into()).into()
}

#[doc = include_str!("reference/role.md")]
#[proc_macro_derive(Role, attributes(role))]
pub fn derive_role(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    role::expand(input.into()).into()
}

#[doc = include_str!("reference/transitions.md")]
#[proc_macro]
pub fn transitions(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    transitions::expand(input.into()).into()
}

#[doc = include_str!("reference/event_fragment.md")]
#[proc_macro]
pub fn event_fragment(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    union::expand_fragment(input.into()).into()
}

#[doc = include_str!("reference/event_union.md")]
#[proc_macro]
pub fn event_union(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    union::expand_union(input.into()).into()
}

/// Continues an `event_union!`; a fragment calls it.
#[doc(hidden)]
#[proc_macro]
pub fn unite(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    union::expand_unite(input.into()).into()
}
