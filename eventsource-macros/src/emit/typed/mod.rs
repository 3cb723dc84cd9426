//! The typed handle: methods for legal events only.
//!
//! What is known of a state is a tuple with one fact an event. `types` writes facts and formulas as
//! types, `states` the module of what can be known, `rule` what the compiler says of an event that
//! may not be applied, `handle` the handle itself. All of it grows with the events and not with the
//! states; what is known around an event the model has found out.

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

/// What stands beside the enum, and what stands in the `const _` behind it.
#[derive(Default)]
pub(crate) struct Typed {
    pub(crate) items: TokenStream,
    pub(crate) impls: TokenStream,
}

/// Nothing unless it is asked for.
pub(super) fn emit(model: &Model, machine: &Machine) -> Typed {
    let outline = &model.outline;
    let (Some(typestate), Some(krate)) = (&outline.typestate, &outline.krate) else {
        return Typed::default();
    };
    let typed = Context {
        model,
        machine,
        outline,
        typestate,
        krate,
        rules: rule::of(model, machine, typestate),
    };
    let states = states::module(&typed);
    let declaration = handle::declaration(&typed);
    Typed {
        items: quote! {
            #states
            #declaration
        },
        impls: handle::impls(&typed),
    }
}

/// What all parts need.
struct Context<'a> {
    model: &'a Model,
    machine: &'a Machine,
    outline: &'a Outline,
    typestate: &'a Typestate,
    krate: &'a Path,
    /// One an event, in declaration order.
    rules: Vec<rule::Rule>,
}

/// `After` and `Created` as `AfterCreated`, at the variant's place.
fn named(prefix: &str, variant: &Ident) -> Ident {
    Ident::new(&format!("{prefix}{}", variant.unraw()), variant.span())
}

/// The path as it is written one module deeper.
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
