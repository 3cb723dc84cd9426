//! Checks the names of the typed handle and its methods.

use std::collections::HashMap;

use eventsource_model::findings::Code;
use heck::ToSnakeCase;
use proc_macro2::Span;
use quote::format_ident;
use syn::Ident;
use syn::ext::IdentExt;

use super::names::without_suffix;
use crate::errors::Errors;
use crate::model::Typestate;
use crate::syntax::Input;

/// Names of the methods that every handle has.
const RESERVED: &[&str] = &["append", "load", "narrow", "new", "widen"];

/// Returns the names, if a handle is requested, and reports events that want the same method.
pub(super) fn names(input: &Input, errors: &mut Errors) -> Option<Typestate> {
    if !input.machine.typestate {
        return None;
    }
    let mut first_with: HashMap<String, String> = HashMap::new();
    let mut methods = Vec::with_capacity(input.variants.len());
    for (position, variant) in input.variants.iter().enumerate() {
        errors.at_variant(position);
        let ident = variant.ident.unraw().to_string();
        let mut method = method(&ident, variant.ident.span());
        let name = method.unraw().to_string();
        if let Some(other) = first_with.get(&name) {
            let message = format!(
                "`{other}` and `{ident}` are both the method `{name}` of the typed handle\n= help: give one of them another name; `#[event(rename = \"..\")]` keeps the name that is stored"
            );
            errors.push(Code::Shape, variant.ident.span(), message);
            // Two methods of one name would be an error of their own.
            method = format_ident!("{name}_{position}");
        }
        first_with.entry(name).or_insert(ident);
        methods.push(method);
    }
    let base = base(&input.ident);
    let states = format!("{}_states", base.to_snake_case());
    Some(Typestate {
        handle: format_ident!("{base}Handle"),
        // A name without letters has no snake case.
        states: syn::parse_str(&states).unwrap_or_else(|_| format_ident!("{base}_states")),
        methods,
    })
}

/// Returns the base of the generated names: `Task` for `TaskEvent`.
pub(super) fn base(ident: &Ident) -> String {
    let ident = ident.unraw().to_string();
    let base = without_suffix(&ident);
    if base.trim_matches('_').is_empty() {
        ident
    } else {
        base.to_owned()
    }
}

fn method(variant: &str, span: Span) -> Ident {
    let mut name = variant.to_snake_case();
    if RESERVED.contains(&name.as_str()) {
        name.push('_');
    }
    let mut ident = syn::parse_str(&name)
        .or_else(|_| syn::parse_str(&format!("r#{name}")))
        .or_else(|_| syn::parse_str(&format!("{name}_")))
        .unwrap_or_else(|_| format_ident!("{variant}_"));
    ident.set_span(span);
    ident
}
