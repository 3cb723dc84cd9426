//! Generates the module of named knowledge: `task_states`.

use eventsource_model::{EventIndex, Knowledge, KnownStep, Outcome, StateSet};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::types::{AS_BEFORE, TypeWriter, parameter};
use super::{HandleContext, named, one_deeper};

/// Generates `mod task_states`.
pub(super) fn module(typed: &HandleContext) -> TokenStream {
    let HandleContext {
        outline, typestate, ..
    } = typed;
    let types = TypeWriter {
        machine: typed.machine,
        variants: outline.variants.iter().map(|v| &v.ident).collect(),
    };
    let steps = typed.machine.known_steps();
    let outcomes = typed.machine.outcomes();
    let names = names(typed, &types, &steps, &outcomes);
    let knowledge = knowledge(typed, &types, &outcomes);
    let markers = outline.variants.iter().map(|variant| {
        let ident = &variant.ident;
        let doc = format!(" Event `{}`.", ident.unraw());
        quote_spanned!(ident.span()=> #[doc = #doc] pub struct #ident;)
    });
    let rules = typed.rules.iter().map(|rule| &rule.traits);
    let krate = one_deeper(typed.krate);
    let vis = &outline.vis;
    let states = &typestate.states;
    let doc = format!(
        " Named knowledge of the state of a [`{}`](super::{}).",
        typestate.handle, typestate.handle
    );
    quote! {
        #[doc = #doc]
        #[allow(
            dead_code,
            nonstandard_style,
            rustdoc::broken_intra_doc_links,
            clippy::all,
            clippy::pedantic,
        )]
        #vis mod #states {
            use #krate::typed as _typed;
            use _typed::__private as _private;

            /// Events as types.
            pub mod event {
                #(#markers)*
            }

            #names
            #knowledge

            #[doc(hidden)]
            pub mod rule {
                #(#rules)*
            }
        }
    }
}

/// Generates the names of knowledge.
fn names(
    typed: &HandleContext,
    types: &TypeWriter,
    steps: &[Option<KnownStep>],
    outcomes: &[Outcome],
) -> TokenStream {
    let nothing = types.known(Knowledge::of(StateSet::EMPTY));
    let anything = types.known(Knowledge::NONE);
    let around = typed
        .machine
        .events()
        .zip(&typed.outline.variants)
        .filter_map(|(event, variant)| {
            let step = steps[event.get()]?;
            let after = outcomes[event.get()].known(typed.machine, step.before);
            let (before_name, after_name) = (
                named("Before", &variant.ident),
                named("After", &variant.ident),
            );
            let (before_type, after_type) = (types.known(step.before), types.known(after));
            let ident = variant.ident.unraw();
            let before_doc = format!(
                " Knowledge wherever `{ident}` is legal: {}.",
                description(typed, step.before)
            );
            let after_doc = format!(" Knowledge after `{ident}`: {}.", description(typed, after));
            Some(quote! {
                #[doc = #before_doc]
                pub type #before_name = #before_type;
                #[doc = #after_doc]
                pub type #after_name = #after_type;
            })
        });
    quote! {
        /// Knowledge of a new entity: nothing has happened.
        pub type Nothing = #nothing;
        /// No knowledge: any state is possible.
        pub type Anything = #anything;
        #(#around)*
    }
}

/// Describes knowledge for a reader.
fn description(typed: &HandleContext, known: Knowledge) -> String {
    let list = |set: StateSet| {
        let names: Vec<String> = typed
            .machine
            .events()
            .filter(|event| set.contains(*event))
            .map(|event| format!("`{}`", typed.outline.variants[event.get()].ident.unraw()))
            .collect();
        names.join(", ")
    };
    let members: StateSet = typed.machine.events().collect();
    let open = members.difference(known.has.union(known.lacks));
    let has = match (known.has.is_empty(), open.is_empty()) {
        (true, true) => return "nothing has happened".to_owned(),
        (true, false) => "nothing that is known".to_owned(),
        (false, _) => list(known.has),
    };
    if open.is_empty() {
        format!("{has} and nothing else")
    } else {
        format!("{has}, and possibly {}", list(open))
    }
}

/// Generates `trait Knowledge`, its implementation for tuples of facts, and the implications
/// between them.
fn knowledge(typed: &HandleContext, types: &TypeWriter, outcomes: &[Outcome]) -> TokenStream {
    let events: Vec<EventIndex> = typed.machine.events().collect();
    let variants = || {
        events
            .iter()
            .map(|event| &typed.outline.variants[event.get()].ident)
    };
    let parameters: Vec<_> = events.iter().map(|event| parameter(*event)).collect();
    let others: Vec<_> = parameters
        .iter()
        .map(|p| quote::format_ident!("To{p}"))
        .collect();
    let may: Vec<_> = variants().map(|variant| named("May", variant)).collect();
    let after: Vec<_> = variants().map(|variant| named("After", variant)).collect();
    let kinds = typed.rules.iter().map(|rule| {
        if rule.is_clause() {
            quote!(_private::Clause)
        } else {
            quote!(_private::Truth)
        }
    });
    let verdicts = events.iter().zip(&typed.rules).map(|(event, rule)| {
        let clauses = &typed.machine.rule(*event).clauses;
        match clauses.as_ref() {
            [clause] if rule.is_clause() => types.clause(*clause, AS_BEFORE),
            clauses => types.truth(clauses, AS_BEFORE),
        }
    });
    let mut questions = Vec::new();
    let mut outcome_types = Vec::with_capacity(events.len());
    for (outcome, variant) in outcomes.iter().zip(variants()) {
        let mut asked = Vec::new();
        outcome_types.push(types.outcome(outcome, variant, &mut asked));
        questions.extend(asked);
    }
    let (ifs, truths): (Vec<_>, Vec<_>) = questions
        .into_iter()
        .map(|question| (question.name, question.truth))
        .unzip();
    quote! {
        /// Knowledge of a state: a tuple with one fact per event.
        pub trait Knowledge {
            /// Known facts as masks.
            const KNOWN: _private::Knowledge;
            #(
                /// Result of the rule: whether the event is legal.
                type #may: #kinds;
                /// Knowledge after the event.
                type #after: Knowledge;
            )*
            #(
                /// Result of the rule: whether an auto transition follows.
                type #ifs: _private::Truth;
            )*
        }
        impl<#(#parameters: _private::Fact),*> Knowledge for (#(#parameters,)*) {
            const KNOWN: _private::Knowledge = _private::known(&[#(#parameters::VALUE),*]);
            #(
                type #may = #verdicts;
                type #after = #outcome_types;
            )*
            #(
                type #ifs = #truths;
            )*
        }
        /// Implication: knowledge that includes `To`.
        pub trait Implies<To> {}
        impl<#(#parameters,)* #(#others,)*> Implies<(#(#others,)*)> for (#(#parameters,)*)
        where
            #(#parameters: _private::Implies<#others>,)*
        {
        }
    }
}
