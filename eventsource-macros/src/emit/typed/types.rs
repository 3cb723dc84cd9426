//! Facts, formulas and outcomes as types, with paths that are valid inside the module of states.

use eventsource_model::{Clause, EventIndex, Knowledge, Machine, Outcome, StateSet, Update};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

/// Returns the type parameter for the fact about the event at this position.
pub(super) fn parameter(event: EventIndex) -> Ident {
    format_ident!("P{}", event.get())
}

/// Decision of an outcome: whether an auto transition is legal.
pub(super) struct Question {
    pub(super) name: Ident,
    pub(super) truth: TokenStream,
}

/// Writer of types, with the events' names.
pub(super) struct TypeWriter<'a> {
    pub(super) machine: &'a Machine,
    /// Names of the events, in declaration order.
    pub(super) variants: Vec<&'a Ident>,
}

impl TypeWriter<'_> {
    /// Writes a fact; `Maybe` if it is not known.
    fn fact(&self, event: EventIndex, known: Option<bool>) -> TokenStream {
        let event = self.variants[event.get()];
        match known {
            Some(true) => quote!(_typed::Has<event::#event>),
            Some(false) => quote!(_typed::Lacks<event::#event>),
            None => quote!(_typed::Maybe<event::#event>),
        }
    }

    /// Writes a tuple of facts.
    pub(super) fn known(&self, known: Knowledge) -> TokenStream {
        let facts = self.machine.events().map(|event| {
            let fact = match (known.has.contains(event), known.lacks.contains(event)) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            };
            self.fact(event, fact)
        });
        quote!((#(#facts,)*))
    }

    /// Writes the fact after an update.
    fn updated(&self, update: Update, event: EventIndex) -> TokenStream {
        if update.add.contains(event) {
            self.fact(event, Some(true))
        } else if update.keep.contains(event) {
            let parameter = parameter(event);
            quote!(#parameter)
        } else {
            self.fact(event, Some(false))
        }
    }

    /// Writes the tuple after an event and the auto transitions that follow it.
    ///
    /// The decisions that it depends on are added to `questions`.
    pub(super) fn outcome(
        &self,
        outcome: &Outcome,
        variant: &Ident,
        questions: &mut Vec<Question>,
    ) -> TokenStream {
        let facts = self.facts(outcome, variant, questions);
        quote!((#(#facts,)*))
    }

    fn facts(
        &self,
        outcome: &Outcome,
        variant: &Ident,
        questions: &mut Vec<Question>,
    ) -> Vec<TokenStream> {
        let events = self.machine.events();
        let (auto, state, legal, otherwise) = match outcome {
            Outcome::Is(update) => {
                return events.map(|event| self.updated(*update, event)).collect();
            }
            Outcome::Unclear => return events.map(|event| self.fact(event, None)).collect(),
            Outcome::Depends {
                auto,
                state,
                legal,
                otherwise,
            } => (*auto, *state, legal, otherwise),
        };
        // The decision is written once and named: in every fact it would be long.
        let name = format_ident!("If{}{}", questions.len(), variant.unraw());
        questions.push(Question {
            truth: self.truth(&self.machine.rule(auto).clauses, state),
            name: name.clone(),
        });
        let legal = self.facts(legal, variant, questions);
        let otherwise = self.facts(otherwise, variant, questions);
        let choose = |(legal, otherwise): (TokenStream, TokenStream)| {
            if legal.to_string() == otherwise.to_string() {
                legal
            } else {
                let truth = quote!(<Self as Knowledge>::#name);
                quote!(<#truth as _private::Truth>::If<#legal, #otherwise>)
            }
        };
        legal.into_iter().zip(otherwise).map(choose).collect()
    }

    /// Writes the result of a formula after an update.
    pub(super) fn truth(&self, clauses: &[Clause], update: Update) -> TokenStream {
        let clauses = clauses
            .iter()
            .map(|clause| {
                let clause = self.clause(*clause, update);
                quote!(<#clause as _private::Clause>::Truth)
            })
            .collect();
        balanced(
            clauses,
            &|left, right| quote!(<#left as _private::Truth>::Or<#right>),
        )
        .unwrap_or_else(|| quote!(_private::Refuted))
    }

    /// Writes the result of a clause after an update, with the event to blame.
    pub(super) fn clause(&self, clause: Clause, update: Update) -> TokenStream {
        let literals = self
            .machine
            .events()
            .filter(|event| clause.all.contains(*event) || clause.none.contains(*event))
            .map(|event| {
                let fact = self.updated(update, event);
                if clause.all.contains(event) {
                    quote!(<#fact as _private::Fact>::Required)
                } else {
                    quote!(<#fact as _private::Fact>::Excluded)
                }
            })
            .collect();
        balanced(
            literals,
            &|left, right| quote!(<#left as _private::Clause>::And<#right>),
        )
        .unwrap_or_else(|| quote!(_private::Holds))
    }
}

/// Update that changes nothing.
pub(super) const AS_BEFORE: Update = Update {
    keep: StateSet::ALL,
    add: StateSet::EMPTY,
};

/// Joins all of them as a balanced tree: the compiler limits the depth of types.
fn balanced(
    mut types: Vec<TokenStream>,
    join: &impl Fn(TokenStream, TokenStream) -> TokenStream,
) -> Option<TokenStream> {
    if types.len() > 1 {
        let right = types.split_off(types.len() / 2);
        return Some(join(balanced(types, join)?, balanced(right, join)?));
    }
    types.pop()
}
