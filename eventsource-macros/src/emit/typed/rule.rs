//! Generates the compiler messages for an event that may not be applied.
//!
//! If the rule is one clause, the message names the event to blame: a method is bound by up to
//! three traits, each with a message of its own, and each on the event that the clause blames, or
//! on none. If it has several clauses, the message names the whole formula.

use std::convert::Infallible;

use eventsource_model::{Clause, EventIndex, Formula, Machine, StateSet};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Fields, Ident};

use super::named;
use crate::model::{EventRef, Model, Typestate};

/// Longest formula that is written in the label; a longer one is only in the note.
const MAX_LABEL: usize = 48;

/// Rule of one event, as traits and bounds.
pub(super) struct Rule {
    clause: Option<Clause>,
    /// Formula, with the names of the variants.
    pub(super) formula: String,
    /// Traits for the module `rule`.
    pub(super) traits: TokenStream,
    /// Bounds of the event's method, with paths that are valid beside the enum.
    pub(super) bounds: TokenStream,
}

impl Rule {
    /// Returns whether the formula is one clause, so that there is an event to blame.
    pub(super) fn is_clause(&self) -> bool {
        self.clause.is_some()
    }
}

/// Generates the rules of all events, in declaration order.
pub(super) fn of(model: &Model, machine: &Machine, typestate: &Typestate) -> Vec<Rule> {
    let steps = machine.known_steps();
    machine
        .events()
        .map(|event| {
            let rule = RuleWriter {
                model,
                machine,
                typestate,
                event,
                happens: steps[event.get()].is_some(),
                formula: formula(model, event),
            };
            rule.rule()
        })
        .collect()
}

fn formula(model: &Model, event: EventIndex) -> String {
    let mut name = |event: &EventRef| {
        let variant = &model.outline.variants[event.position];
        Ok::<_, Infallible>(variant.ident.unraw().to_string())
    };
    let follows = &model.events[event.get()].follows;
    let follows = follows.as_ref().and_then(|f| f.try_map(&mut name).ok());
    follows.unwrap_or(Formula::Nothing).to_string()
}

struct RuleWriter<'a> {
    model: &'a Model,
    machine: &'a Machine,
    typestate: &'a Typestate,
    event: EventIndex,
    /// Whether the event can ever happen.
    happens: bool,
    formula: String,
}

impl RuleWriter<'_> {
    fn rule(self) -> Rule {
        let clauses = &self.machine.rule(self.event).clauses;
        let clause = match clauses.as_ref() {
            [clause] => Some(*clause),
            _ => None,
        };
        let (traits, bounds) = match clause {
            Some(clause) => self.of_clause(clause),
            None => self.of_formula(),
        };
        Rule {
            clause,
            traits,
            bounds,
            formula: self.formula,
        }
    }

    fn of_clause(&self, clause: Clause) -> (TokenStream, TokenStream) {
        let none = clause.none.intersection(self.machine.events().collect());
        let mut needs = vec![self.follows()];
        needs.extend(self.first(clause.all));
        let mut excludes = vec![self.follows()];
        if self.formula == "nothing" {
            let handle = &self.typestate.handle;
            excludes.push(format!("begin with `{handle}::new(..)`"));
        }
        let reasons = [
            (
                "Missing",
                "Needs",
                clause.all,
                "the state lacks `{Self}`",
                needs,
            ),
            (
                "Present",
                "Excludes",
                none,
                "the state has `{Self}`",
                excludes,
            ),
            (
                "Unsure",
                "DependsOn",
                clause.all.union(none),
                "it is not known whether the state has `{Self}`",
                self.look(),
            ),
        ];
        let mut traits = TokenStream::new();
        let mut bounds = TokenStream::new();
        for (blamed, suffix, events, label, notes) in reasons {
            if events.is_empty() {
                continue;
            }
            let name = self.named(suffix);
            traits.extend(self.declare(&name, label, &notes, &[quote!(NoEvent)]));
            let blamed = Ident::new(blamed, self.variant().span());
            let (may, bound) = (named("May", self.variant()), self.path(&name));
            bounds.extend(quote_spanned! {self.variant().span()=>
                <K::#may as _private::typed::Clause>::#blamed: #bound,
            });
        }
        (traits, bounds)
    }

    fn of_formula(&self) -> (TokenStream, TokenStream) {
        let formula = if self.formula.len() <= MAX_LABEL {
            format!("`{}`", self.formula)
        } else {
            "its formula".to_owned()
        };
        let reasons = [
            (
                "Refuted",
                format!("{formula} does not hold"),
                vec![self.follows()],
                [quote!(Proved), quote!(Undecided)],
            ),
            (
                "Undecided",
                format!("it is not known whether {formula} holds"),
                self.look(),
                [quote!(Proved), quote!(Refuted)],
            ),
        ];
        let mut traits = TokenStream::new();
        let mut bounds = TokenStream::new();
        for (suffix, label, notes, held_by) in reasons {
            let name = self.named(&format!("Not{suffix}"));
            traits.extend(self.declare(&name, &label, &notes, &held_by));
            let (may, bound) = (named("May", self.variant()), self.path(&name));
            bounds.extend(quote_spanned!(self.variant().span()=> K::#may: #bound,));
        }
        (traits, bounds)
    }

    /// Generates one trait with its message.
    fn declare(
        &self,
        name: &Ident,
        label: &str,
        notes: &[String],
        held_by: &[TokenStream],
    ) -> TokenStream {
        let message = format!("event `{}` may not be applied here", self.variant().unraw());
        quote! {
            #[diagnostic::on_unimplemented(
                message = #message,
                label = #label,
                #(note = #notes,)*
            )]
            pub trait #name {}
            #(
                #[diagnostic::do_not_recommend]
                impl #name for super::_private::#held_by {}
            )*
        }
    }

    fn follows(&self) -> String {
        format!("`{}` follows `{}`", self.variant().unraw(), self.formula)
    }

    /// Suggests how to reach a state with the missing events.
    fn first(&self, missing: StateSet) -> Option<String> {
        if self.machine.rule(self.event).auto_transition {
            return Some(format!(
                "the store writes `{}` by itself as soon as it is legal, so it need not be applied",
                self.variant().unraw()
            ));
        }
        let mut calls: Vec<String> = Vec::new();
        for event in missing.iter() {
            let adds = |by: &EventIndex| self.machine.rule(*by).update.add.contains(event);
            let by = std::iter::once(event)
                .chain(self.machine.events())
                .find(adds);
            let call = by.map(|by| {
                let arguments = match self.model.outline.variants[by.get()].fields {
                    Fields::Unit => "",
                    _ => "..",
                };
                format!("`.{}({arguments})`", self.typestate.methods[by.get()])
            });
            calls.extend(call.filter(|call| !calls.contains(call)));
        }
        let shown = calls.len().min(4);
        let more = if shown < calls.len() {
            " and others"
        } else {
            ""
        };
        (shown > 0).then(|| format!("apply {}{more} first", calls[..shown].join(", ")))
    }

    /// Suggests how to check what is not known.
    fn look(&self) -> Vec<String> {
        let look = self.happens.then(|| {
            let (states, before) = (&self.typestate.states, named("Before", self.variant()));
            format!(
                "`.narrow::<{states}::{before}>()` checks the state of a {} that was loaded",
                self.model.entity
            )
        });
        [self.follows()].into_iter().chain(look).collect()
    }

    fn variant(&self) -> &Ident {
        &self.model.outline.variants[self.event.get()].ident
    }

    fn named(&self, suffix: &str) -> Ident {
        let name = format!("{}{suffix}", self.variant().unraw());
        Ident::new(&name, self.variant().span())
    }

    fn path(&self, name: &Ident) -> TokenStream {
        // At the variant, for the compiler to say that this is where the bound comes from.
        let mut states = self.typestate.states.clone();
        states.set_span(self.variant().span());
        quote_spanned!(self.variant().span()=> #states::rule::#name)
    }
}
