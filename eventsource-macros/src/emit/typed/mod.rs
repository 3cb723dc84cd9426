//! Generates the typed handle, which has methods for legal events only.
//!
//! Knowledge of a state is a tuple with one fact per event. `types` writes facts and formulas as
//! types, `states` the module of named knowledge, `rule` the compiler messages for an event that
//! may not be applied, `handle` the handle itself. The size of the code grows with the events and
//! not with the states: the model computes the knowledge before and after each event.

mod handle;
mod rule;
mod states;
mod stub;
mod types;

use eventsource_model::Machine;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Path, PathSegment};

use crate::model::{Model, Outline, Typestate};

pub(crate) use stub::stub;

/// Generated code of the typed handle: beside the enum, and in the `const _` behind it.
#[derive(Default)]
pub(crate) struct TypedHandle {
    pub(crate) items: TokenStream,
    pub(crate) impls: TokenStream,
}

/// Generates the typed handle; nothing unless it is requested.
pub(super) fn emit(model: &Model, machine: &Machine) -> TypedHandle {
    let outline = &model.outline;
    let (Some(typestate), Some(krate)) = (&outline.typestate, &outline.krate) else {
        return TypedHandle::default();
    };
    let typed = HandleContext {
        model,
        machine,
        outline,
        typestate,
        krate,
        rules: rule::of(model, machine, typestate),
    };
    let states = states::module(&typed);
    let declaration = handle::declaration(&typed);
    TypedHandle {
        items: quote! {
            #states
            #declaration
        },
        impls: handle::impls(&typed),
    }
}

/// Inputs that all parts of the generator share.
struct HandleContext<'a> {
    model: &'a Model,
    machine: &'a Machine,
    outline: &'a Outline,
    typestate: &'a Typestate,
    krate: &'a Path,
    /// Rules of the events, in declaration order.
    rules: Vec<rule::Rule>,
}

/// Joins a prefix and a variant's name: `AfterCreated`, at the variant's location.
fn named(prefix: &str, variant: &Ident) -> Ident {
    Ident::new(&format!("{prefix}{}", variant.unraw()), variant.span())
}

/// Rewrites a path for use one module deeper.
fn one_deeper(path: &Path) -> Path {
    let mut path = path.clone();
    let first = path.segments.first().map(|segment| segment.ident.clone());
    match first {
        Some(first) if path.leading_colon.is_none() && first == "self" => {
            path.segments[0].ident = Ident::new("super", first.span());
        }
        Some(first) if path.leading_colon.is_none() && first == "super" => {
            let outer = PathSegment::from(Ident::new("super", first.span()));
            path.segments.insert(0, outer);
        }
        _ => {}
    }
    path
}
