//! Resolves the names in formulas and accumulators to events.

use std::collections::HashMap;

use eventsource_model::{Accumulator, Formula, findings::Code};
use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Claim, EventRef, Invariant};
use crate::suggest;
use crate::syntax::{FormulaName, Input, Invariant as WrittenInvariant};

/// Builds the formula of `any_state`: something has happened.
pub(super) fn any_state() -> Formula<EventRef> {
    Formula::but_not(Formula::Nothing)
}

/// Resolver of the events that rules may name.
pub(super) struct EventResolver {
    names: Vec<String>,
    positions: HashMap<String, usize>,
    terminal: Vec<usize>,
    rejections: Vec<usize>,
}

impl EventResolver {
    pub(super) fn of(input: &Input) -> Self {
        let names: Vec<String> = input
            .variants
            .iter()
            .map(|variant| variant.ident.unraw().to_string())
            .collect();
        Self {
            positions: (0..names.len()).map(|n| (names[n].clone(), n)).collect(),
            names,
            terminal: (0..input.variants.len())
                .filter(|n| input.variants[*n].event.terminal.is_some())
                .collect(),
            rejections: (0..input.variants.len())
                .filter(|n| input.variants[*n].event.rejection.is_some())
                .collect(),
        }
    }

    /// Resolves a formula, leaving out operands that name no event.
    pub(super) fn formula(
        &self,
        formula: &Formula<FormulaName>,
        errors: &mut Errors,
    ) -> Formula<EventRef> {
        let mut all = |operands: &[Formula<FormulaName>]| -> Vec<Formula<EventRef>> {
            operands.iter().map(|f| self.formula(f, errors)).collect()
        };
        match formula {
            Formula::Nothing => Formula::Nothing,
            Formula::Event(FormulaName::NonTerminal) => self.non_terminal(),
            Formula::Event(FormulaName::Event(name)) => self
                .resolve(name, errors)
                .map_or(Formula::Nothing, Formula::Event),
            Formula::NoneOf(operands) => Formula::NoneOf(all(operands).into()),
            Formula::AnyOf(operands) => Formula::any_of(all(operands)),
            Formula::AllOf(operands) => Formula::all_of(all(operands)),
        }
    }

    /// Builds the formula of `non_terminal`: something has happened, and no terminal event.
    fn non_terminal(&self) -> Formula<EventRef> {
        let terminal = self.terminal.iter().map(|position| {
            let span = Span::call_site();
            let position = *position;
            Formula::but_not(Formula::Event(EventRef { position, span }))
        });
        Formula::all_of(std::iter::once(any_state()).chain(terminal))
    }

    /// Resolves an accumulator, if it names only events.
    pub(super) fn accumulate(
        &self,
        accumulator: &Accumulator<Ident>,
        errors: &mut Errors,
    ) -> Option<Accumulator<EventRef>> {
        let mut resolve = |name: &Ident| self.resolve(name, errors).ok_or(());
        accumulator.try_map(&mut resolve).ok()
    }

    /// Resolves an invariant.
    pub(super) fn invariant(&self, written: &WrittenInvariant, errors: &mut Errors) -> Invariant {
        let (claim, tokens) = match written {
            WrittenInvariant::Never(never) => (
                Claim::Never(self.formula(&never.formula, errors)),
                never.formula_tokens.tokens.clone(),
            ),
            WrittenInvariant::Always(always) => (
                Claim::Always(self.formula(&always.formula, errors)),
                always.formula_tokens.tokens.clone(),
            ),
            WrittenInvariant::Eventually(formula) => (
                Claim::Eventually(self.formula(&formula.formula, errors)),
                formula.formula_tokens.tokens.clone(),
            ),
        };
        Invariant { claim, tokens }
    }

    fn resolve(&self, name: &Ident, errors: &mut Errors) -> Option<EventRef> {
        let span = name.span();
        let name = name.unraw().to_string();
        let position = self.positions.get(&name).copied();
        if position.is_none() {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let help = suggest::help(&name, "events", &names);
            errors.push(
                Code::UnknownEvent,
                span,
                format!("unknown event `{name}`{help}"),
            );
        }
        if let Some(position) = position
            && self.rejections.contains(&position)
        {
            let message = format!(
                "`{name}` is a rejection, which no rule can name: it leaves no trace in the state"
            );
            errors.push(Code::Operands, span, message);
            return None;
        }
        position.map(|position| EventRef { position, span })
    }
}
