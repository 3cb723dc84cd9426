//! Checks `requires(..)`: payload fields that must have a value.

use eventsource_model::findings::Code;
use eventsource_model::names::{clash, is_reserved_field};
use syn::ext::IdentExt;
use syn::{Fields, FieldsNamed, Ident};

use super::option::is_option;
use super::serde;
use crate::errors::Errors;
use crate::model::FieldProbe;
use crate::suggest;
use crate::syntax::Variant;

/// Required fields of an event.
pub(super) struct Required {
    /// Names of all required fields.
    pub(super) fields: Vec<String>,
    /// Required fields that `requires` does not name: their types are written as no `Option`.
    pub(super) by_type: Vec<String>,
    /// Required fields whose existence rustc must check.
    pub(super) probe: Option<FieldProbe>,
}

/// Collects the required fields.
pub(super) fn check(variant: &Variant, entity: &str, errors: &mut Errors) -> Required {
    let named = without_repeats(&variant.event.requires, errors);
    let named_fields: Vec<String> = named.iter().map(|name| name.unraw().to_string()).collect();
    let (fields, probe) = match &variant.fields {
        Fields::Named(fields) => {
            refuse_reserved(fields, entity, errors);
            (of_struct(variant, fields, &named, errors), None)
        }
        Fields::Unit => {
            for name in named {
                let message = format!(
                    "`{event}` has no field `{name}`, it has no fields\n= help: add the field: `{event} {{ {name}: .. }}`",
                    event = variant.ident,
                );
                errors.push(Code::UnknownField, name.span(), message);
            }
            (Vec::new(), None)
        }
        Fields::Unnamed(fields) => {
            let names = named.iter().map(|name| name.unraw().to_string()).collect();
            let payload = fields.unnamed.first().map(|field| field.ty.clone());
            let probe = payload
                .filter(|_| !named.is_empty())
                .map(|payload| FieldProbe {
                    payload,
                    fields: named.into_iter().cloned().collect(),
                });
            (names, probe)
        }
    };
    let is_named = |field: &String| named_fields.contains(field);
    Required {
        by_type: fields
            .iter()
            .filter(|field| !is_named(field))
            .cloned()
            .collect(),
        fields,
        probe,
    }
}

fn refuse_reserved(fields: &FieldsNamed, entity: &str, errors: &mut Errors) {
    let mut earlier: Vec<String> = Vec::new();
    for ident in fields.named.iter().filter_map(|field| field.ident.as_ref()) {
        let name = ident.unraw().to_string();
        let alike = earlier
            .iter()
            .find(|other| clash(&[other.as_str(), &name]).is_some());
        if is_reserved_field(entity, &name) {
            let message = format!(
                "a payload cannot have the field `{name}`\n= note: every event has a field of that name beside its payload"
            );
            errors.push(Code::Shape, ident.span(), message);
        } else if let Some(other) = alike.filter(|other| **other != name) {
            let message = format!("the fields `{other}` and `{name}` are spelled alike in JSON");
            errors.push(Code::Shape, ident.span(), message);
        }
        earlier.push(name);
    }
}

fn without_repeats<'a>(names: &'a [Ident], errors: &mut Errors) -> Vec<&'a Ident> {
    let mut once: Vec<&Ident> = Vec::with_capacity(names.len());
    for name in names {
        if once.iter().any(|earlier| earlier.unraw() == name.unraw()) {
            let message = format!("`{}` is required twice", name.unraw());
            errors.push(Code::UnknownField, name.span(), message);
        } else {
            once.push(name);
        }
    }
    once
}

/// Collects the required fields of a struct variant, in the order of its fields.
///
/// Required are the fields that `requires` names, and those that are neither an `Option` nor have a
/// default.
fn of_struct(
    variant: &Variant,
    fields: &FieldsNamed,
    named: &[&Ident],
    errors: &mut Errors,
) -> Vec<String> {
    let field_names: Vec<String> = fields
        .named
        .iter()
        .filter_map(|field| field.ident.as_ref())
        .map(|field| field.unraw().to_string())
        .collect();
    let named: Vec<(String, &Ident)> = named
        .iter()
        .map(|name| (name.unraw().to_string(), *name))
        .collect();
    for (name, ident) in &named {
        if !field_names.contains(name) {
            let known: Vec<&str> = field_names.iter().map(String::as_str).collect();
            let message = format!(
                "`{}` has no field `{name}`{}",
                variant.ident.unraw(),
                help(name, &known)
            );
            errors.push(Code::UnknownField, ident.span(), message);
        }
    }
    fields
        .named
        .iter()
        .zip(field_names)
        .filter(|(field, name)| {
            let optional = is_option(&field.ty) || serde::has_key(&field.attrs, "default");
            !optional || named.iter().any(|(n, _)| n == name)
        })
        .map(|(_, name)| name)
        .collect()
}

fn help(name: &str, fields: &[&str]) -> String {
    if fields.is_empty() {
        return "\n= help: it has no fields".to_owned();
    }
    let meant = suggest::closest(name, fields.iter().copied());
    let meant = meant.map_or_else(String::new, |field| {
        format!("\n= help: did you mean `{field}`?")
    });
    format!("{meant}\n= note: its fields are {}", suggest::list(fields))
}
