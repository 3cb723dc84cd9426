//! What the author wrote becomes what it means, or errors.

mod names;
mod requires;
mod rules;
mod serde;
mod shape;
mod typestate;

use eventsource_model::render::MAX_DRAWN_STATES;
use quote::format_ident;

use crate::errors::Errors;
use crate::model::{Event, Model, Outline, Typestate, Variant};
use crate::syntax::Input;

/// Checks everything. The model is to be used only if there are no errors.
pub(crate) fn check(input: Input, errors: &mut Errors) -> Model {
    shape::check(&input, errors);
    serde::check(&input, errors);
    let entity = names::entity(&input, errors);
    let typestate = typestate::names(&input, errors);
    let names = names::event_types(&input, errors);
    let events = rules::Events::of(&input);
    let events = input
        .variants
        .iter()
        .zip(names)
        .enumerate()
        .map(|(position, (variant, name))| {
            errors.at_variant(position);
            let event = &variant.event;
            // Errors come in the order in which the keys are usually written.
            let follows = event.follows.as_ref();
            let follows = follows.map(|formula| events.follows(formula, errors));
            let accumulate = event.accumulate.as_ref();
            let accumulate = accumulate.and_then(|acc| events.accumulate(acc, errors));
            let (requires, probe) = requires::check(variant, &entity, errors);
            Event {
                name,
                follows,
                follows_tokens: event.follows_tokens.clone(),
                accumulate,
                requires,
                probe,
                restarting: event.restarting,
                auto_transition: event.auto_transition,
                terminal: event.terminal,
            }
        })
        .collect();
    Model {
        entity,
        max_states: input.machine.max_states.unwrap_or(MAX_DRAWN_STATES + 1),
        events,
        outline: outline(input, typestate),
    }
}

fn outline(input: Input, typestate: Option<Typestate>) -> Outline {
    let krate = match input.machine.krate {
        None if input.machine.given.has("crate") => None,
        None => Some(syn::parse_quote!(::eventsource_core)),
        given => given,
    };
    Outline {
        type_ident: format_ident!("{}Type", input.ident),
        vis: input.vis,
        ident: input.ident,
        krate,
        typestate,
        can_be_event: input.wrong_item.is_none() && input.generics.params.is_empty(),
        variants: input
            .variants
            .into_iter()
            .map(|variant| Variant {
                ident: variant.ident,
                fields: variant.fields,
            })
            .collect(),
    }
}
