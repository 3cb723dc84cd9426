//! Checks the stored names: of the entity, and of its event types.

use std::collections::HashMap;

use eventsource_model::findings::Code;
use eventsource_model::names::{MAX_ENTITY, reserved_entity};
use heck::ToSnakeCase;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::syntax::Input;

const MAX_EVENT_NAME: usize = 100;

/// Checks and returns the entity's name; empty if there is none.
pub(super) fn entity(input: &Input, errors: &mut Errors) -> String {
    errors.at_enum();
    let machine = &input.machine;
    let Some(entity) = &machine.entity else {
        if !machine.given.has("entity") && input.wrong_item.is_none() {
            let ident = input.ident.unraw().to_string();
            let message = format!(
                "`{ident}` does not name the entity that its events happen to\n= help: add `#[machine(entity = \"{}\")]` above the enum",
                guess(&ident)
            );
            errors.push(Code::Shape, input.ident.span(), message);
        }
        return String::new();
    };
    let name = entity.value();
    if name.is_empty() {
        errors.push(
            Code::Shape,
            entity.span(),
            "the name of the entity is empty",
        );
    } else if !is_snake(&name) {
        let snake = name.to_snake_case();
        let example = if is_snake(&snake) {
            snake
        } else {
            guess(&input.ident.unraw().to_string())
        };
        let message = format!(
            "`{name}` is not a name for an entity\n= help: write it in snake_case, in ASCII, from a letter: `entity = \"{example}\"`"
        );
        errors.push(Code::Shape, entity.span(), message);
    } else if name.len() > MAX_ENTITY {
        let message = format!(
            "the name of an entity has at most {MAX_ENTITY} characters, this one has {}",
            name.len()
        );
        errors.push(Code::Shape, entity.span(), message);
    } else if let Some(reason) = reserved_entity(&name) {
        let message = format!("an entity cannot be called `{name}`\n= note: {reason}");
        errors.push(Code::Shape, entity.span(), message);
    }
    name
}

fn is_snake(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Guesses an entity's name: `task` for `TaskEvent`.
fn guess(ident: &str) -> String {
    let entity = without_suffix(ident).to_snake_case();
    if is_snake(&entity) {
        entity
    } else {
        "task".to_owned()
    }
}

/// Strips the suffix of an enum's name: `Task` of `TaskEvent`.
pub(super) fn without_suffix(ident: &str) -> &str {
    let base = ident.strip_suffix("Events");
    base.or_else(|| ident.strip_suffix("Event"))
        .unwrap_or(ident)
}

/// Checks and returns the names of the event types, one per variant.
pub(super) fn event_types(input: &Input, errors: &mut Errors) -> Vec<String> {
    let case = input.machine.rename_all.unwrap_or_default();
    let mut first_with: HashMap<String, String> = HashMap::new();
    let mut names = Vec::with_capacity(input.variants.len());
    for (position, variant) in input.variants.iter().enumerate() {
        errors.at_variant(position);
        let ident = variant.ident.unraw().to_string();
        let rename = variant.event.rename.as_ref();
        let (name, span) = match rename {
            Some(rename) => (rename.value(), rename.span()),
            None => (case.apply(&ident), variant.ident.span()),
        };
        if let Some(problem) = problem(&name) {
            let help = if rename.is_some() {
                "\n= help: a stored name is made of `A-Z a-z 0-9 _ . -`"
            } else {
                "\n= help: give it one of `A-Z a-z 0-9 _ . -`: `#[event(rename = \"..\")]`"
            };
            let message = format!("the stored name of `{ident}` {problem}{help}");
            errors.push(Code::Shape, span, message);
        } else if let Some(other) = first_with.get(&name) {
            let message = format!(
                "`{other}` and `{ident}` are both stored as `{name}`\n= help: give one of them another name: `#[event(rename = \"..\")]`"
            );
            errors.push(Code::Shape, span, message);
        }
        first_with.entry(name.clone()).or_insert(ident);
        names.push(name);
    }
    names
}

/// Describes the mistake in a stored name, if there is one.
pub(crate) fn problem(name: &str) -> Option<String> {
    let odd = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if name.is_empty() {
        Some("is empty".to_owned())
    } else if let Some(c) = name.chars().find(odd) {
        Some(format!("has the character `{}`", c.escape_debug()))
    } else if name.len() > MAX_EVENT_NAME {
        Some(format!(
            "has {} characters, more than {MAX_EVENT_NAME}",
            name.len()
        ))
    } else {
        None
    }
}
