//! Checks `unique(..)`: fields of the data that no two entities have the same value in.

use eventsource_model::findings::Code;
use syn::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Data, DataFrom};
use crate::suggest;

/// Returns the positions of the fields in the data.
pub(super) fn check(fields: &[Ident], data: &Data, errors: &mut Errors) -> Vec<usize> {
    let mut unique = Vec::with_capacity(fields.len());
    for field in fields {
        let name = field.unraw().to_string();
        let known = data
            .fields
            .iter()
            .map(|known| known.ident.unraw().to_string());
        let known: Vec<String> = known.collect();
        let Some(position) = known.iter().position(|known| *known == name) else {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = suggest::help(&name, "fields", &known);
            let message = format!("no event sets the field `{name}`{help}");
            errors.push(Code::UnknownField, field.span(), message);
            continue;
        };
        let sources = &data.fields[position].sources;
        if sources
            .iter()
            .any(|source| matches!(source.from, DataFrom::Payload))
        {
            let message = format!(
                "`{name}` is a whole payload, and `unique` takes a field\n= help: feed a field of the payload: `#[event(feeds(..))]`"
            );
            errors.push(Code::Shape, field.span(), message);
        } else if unique.contains(&position) {
            let message = format!("`{name}` is unique already\n= help: name it once");
            errors.push(Code::Syntax, field.span(), message);
        } else {
            unique.push(position);
        }
    }
    unique
}
