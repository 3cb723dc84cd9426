//! Checks: from the enum as written to the model, or to errors.

pub(crate) mod data;
pub(crate) mod names;
mod option;
mod requires;
mod roles;
mod rules;
mod serde;
mod shape;
mod timers;
mod typestate;
mod unique;

use std::mem;

use eventsource_model::Accumulator;
use eventsource_model::findings::DEFAULT_MAX_STATES;
use quote::format_ident;
use syn::Ident;

use crate::errors::Errors;
use crate::model::{Data, Event, Model, Outline, RuleTokens, Typestate, Variant};
use crate::syntax::{AllowedRoles, IdFormat, Input, Variant as WrittenVariant};

/// Checks the whole enum. The model is valid only if there are no errors.
pub(crate) fn check(mut input: Input, errors: &mut Errors) -> Model {
    shape::check(&input, errors);
    serde::check(&input, errors);
    let entity = names::entity(&input, errors);
    let typestate = typestate::names(&input, errors);
    let names = names::event_types(&input, errors);
    let data = data::check(&input, &entity, errors);
    let rules = rules::EventResolver::of(&input);
    errors.at_enum();
    let unique = unique::check(&input.machine.unique, &data, errors);
    roles::check_machine(&input.machine, errors);
    let invariants = input.machine.invariants.iter();
    let invariants = invariants
        .map(|invariant| rules.invariant(invariant, errors))
        .collect();
    let mut events = Vec::with_capacity(names.len());
    for (position, (variant, name)) in input.variants.iter_mut().zip(names).enumerate() {
        errors.at_variant(position);
        roles::check_event(&variant.event, input.machine.given.has("roles"), errors);
        timers::rejection(&variant.event, errors);
        events.push(event(variant, name, &entity, &rules, &data, errors));
    }
    Model {
        entity,
        id: input.machine.id.take().unwrap_or(IdFormat::Uuid),
        roles: input.machine.roles.take(),
        readers: names_of(input.machine.readers.take()),
        public: input.machine.public.is_some(),
        unique,
        max_states: input.machine.max_states.unwrap_or(DEFAULT_MAX_STATES),
        invariants,
        levels: mem::take(&mut input.machine.levels),
        fingerprint: input.machine.fingerprint.take(),
        events,
        outline: outline(input, typestate, data),
    }
}

fn names_of(roles: Option<AllowedRoles>) -> Vec<Ident> {
    roles.map(|list| list.roles).unwrap_or_default()
}

fn event(
    variant: &mut WrittenVariant,
    name: String,
    entity: &str,
    rules: &rules::EventResolver,
    data: &Data,
    errors: &mut Errors,
) -> Event {
    let event = &variant.event;
    // Errors come in the order in which the keys are usually written.
    let follows = event.follows.as_ref();
    let follows = follows.map(|written| rules.formula(&written.formula, errors));
    let accumulate = event.accumulate.as_ref();
    let accumulate = accumulate.and_then(|acc| rules.accumulate(acc, errors));
    let (follows, accumulate) = match event.rejection {
        Some(_) => (Some(rules::any_state()), Some(Accumulator::Keep)),
        None => (follows, accumulate),
    };
    let timer = timers::timer(event, data, errors);
    let required = requires::check(variant, entity, errors);
    let fields = variant
        .fields
        .iter()
        .filter_map(|field| field.ident.clone());
    let fields = event.requires.iter().cloned().chain(fields).collect();
    let event = mem::take(&mut variant.event);
    Event {
        name,
        follows,
        accumulate,
        requires: required.fields,
        required_by_type: required.by_type,
        by: names_of(event.by),
        readers: names_of(event.readers),
        internal: event.internal.is_some(),
        rejection: event.rejection.is_some(),
        timer,
        probe: required.probe,
        restarting: event.restarting.is_some(),
        auto_transition: event.auto_transition.is_some(),
        terminal: event.terminal.is_some(),
        levels: event.levels,
        source: RuleTokens {
            follows: event.follows.map(|written| written.formula_tokens),
            accumulate: event.accumulate_tokens,
            fields,
            restarting: event.restarting,
            auto_transition: event.auto_transition,
            terminal: event.terminal,
        },
    }
}

fn outline(input: Input, typestate: Option<Typestate>, data: Data) -> Outline {
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
        data,
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
