//! Checks that the item is an enum with variants that can be events.

use eventsource_model::MAX_EVENT_TYPES;
use eventsource_model::findings::Code;
use quote::ToTokens;
use syn::Fields;

use crate::errors::Errors;
use crate::syntax::Input;

pub(super) fn check(input: &Input, errors: &mut Errors) {
    errors.at_enum();
    if let Some((item, span)) = input.wrong_item {
        let message = format!(
            "`Event` is derived for an enum of events, `{}` is a {item}\n= help: make each event a variant of one enum",
            input.ident
        );
        errors.push(Code::Shape, span, message);
        return;
    }
    if !input.generics.params.is_empty() {
        let message = "an enum of events takes no generic parameters\n= help: events are stored and read back, so their types must be concrete";
        errors.push_on(Code::Shape, &input.generics, message);
    }
    if let Some(clause) = &input.generics.where_clause {
        errors.push_on(
            Code::Shape,
            clause,
            "an enum of events takes no `where` clause",
        );
    }
    if input.variants.is_empty() {
        let message = format!(
            "`{}` has no events\n= help: add a variant for the first event, such as `Created`",
            input.ident
        );
        errors.push(Code::Shape, input.ident.span(), message);
    }
    for (position, variant) in input.variants.iter().enumerate() {
        errors.at_variant(position);
        if position == MAX_EVENT_TYPES {
            let message = format!(
                "a machine has at most {MAX_EVENT_TYPES} events, `{}` has {}",
                input.ident,
                input.variants.len()
            );
            errors.push(Code::Shape, variant.ident.span(), message);
        }
        if let Fields::Unnamed(fields) = &variant.fields
            && fields.unnamed.len() != 1
        {
            let name = &variant.ident;
            let message = match fields.unnamed.len() {
                0 => format!(
                    "the payload of `{name}` is an empty tuple\n= help: write `{name}` without parentheses"
                ),
                count => format!(
                    "the payload of `{name}` has {count} fields without names\n= help: name them, `{name} {{ .. }}`, or give one struct, `{name}(Payload)`"
                ),
            };
            errors.push_on(Code::Shape, fields.to_token_stream(), message);
        }
    }
}
