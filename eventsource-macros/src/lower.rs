//! Lowering: from the checked enum to the machine, by the compiler that also reads machines at run
//! time.

use std::convert::Infallible;

use eventsource_model::findings::{Checks, Code, Invariant};
use eventsource_model::{
    EventIndex, EventRule, EventSpec, Formula, MAX_CLAUSES, Machine, MachineSpec, SpecError,
    StateSet, UniqueSpec,
};
use syn::ext::IdentExt;
use syn::{Fields, Ident};

use crate::errors::Errors;
use crate::model::{Claim, EventRef, Model, Timer};
use crate::syntax::Case;

/// Compiles the machine, unless the compiler of machines refuses it.
pub(crate) fn lower(model: &Model, errors: &mut Errors) -> Option<Machine> {
    let spec = spec(model);
    let refused = match Machine::compile(&spec) {
        Ok(machine) => return Some(machine),
        Err(refused) => refused,
    };
    for error in refused.as_slice() {
        let large = match error {
            SpecError::FormulaTooLarge { event } => {
                model.events.iter().position(|e| e.name == *event)
            }
            _ => None,
        };
        let formula = large.and_then(|position| {
            let formula = model.events[position].source.follows.as_ref()?;
            Some((position, &formula.tokens))
        });
        match formula {
            Some((position, tokens)) => {
                errors.at_variant(position);
                let message = format!(
                    "the formula has more than {MAX_CLAUSES} alternatives when written as `any_of(all_of(..), ..)`\n= help: let an event of its own stand for some of them"
                );
                errors.push_on(Code::Operands, tokens, message);
            }
            // Earlier checks reported it, on the exact token.
            None => {
                errors.at_enum();
                errors.push(Code::Shape, model.outline.ident.span(), error);
            }
        }
    }
    None
}

/// Returns the machine with the names of the variants as its event types.
pub(crate) fn in_words_of_author(model: &Model, machine: &Machine) -> Machine {
    let variants = model.outline.variants.iter();
    let rules = variants
        .zip(machine.rules())
        .map(|(variant, (_, rule))| EventRule {
            name: variant.ident.unraw().to_string().into(),
            ..rule.clone()
        });
    Machine::from_table(
        model.entity.clone().into(),
        rules.collect(),
        machine.read_rule().clone(),
    )
}

/// Returns the checks of the machine with the names of the variants.
pub(crate) fn checks(model: &Model) -> Checks {
    Checks {
        max_states: model.max_states,
        invariants: model
            .invariants
            .iter()
            .filter_map(|invariant| match &invariant.claim {
                Claim::Never(formula) => indexed(formula).map(Invariant::Never),
                Claim::Always(formula) => indexed(formula).map(Invariant::Always),
                Claim::Eventually(formula) => indexed(formula).map(Invariant::Eventually),
            })
            .collect(),
        setting: setting(model),
        // The pin is about stored names.
        fingerprint: None,
        carrying: (0..model.events.len())
            .filter(|position| carries_more(model, *position))
            .filter_map(EventIndex::new)
            .collect(),
    }
}

/// Returns the events that set the field of a timed event, of each such event.
fn setting(model: &Model) -> Vec<(EventIndex, StateSet)> {
    let events = model.events.iter().enumerate();
    let timed = events.filter_map(|(event, timed)| match &timed.timer {
        Some(Timer::At { position, .. }) => {
            let sources = &model.outline.data.fields[*position].sources;
            let setting = sources
                .iter()
                .filter_map(|source| EventIndex::new(source.event));
            Some((EventIndex::new(event)?, setting.collect()))
        }
        _ => None,
    });
    timed.collect()
}

/// Returns whether the event has fields beside those that it requires, as far as can be seen.
fn carries_more(model: &Model, position: usize) -> bool {
    match &model.outline.variants[position].fields {
        Fields::Named(fields) => fields.named.len() > model.events[position].requires.len(),
        Fields::Unnamed(_) => true,
        Fields::Unit => false,
    }
}

/// Returns the checks of the machine with stored names: the pin.
pub(crate) fn pin(model: &Model) -> Checks {
    Checks {
        // Comparing rules explores nothing.
        max_states: 1,
        fingerprint: model.fingerprint.as_ref().map(syn::LitStr::value),
        ..Checks::default()
    }
}

fn indexed(formula: &Formula<EventRef>) -> Option<Formula> {
    let mut index = |event: &EventRef| EventIndex::new(event.position).ok_or(());
    formula.try_map(&mut index).ok()
}

fn spec(model: &Model) -> MachineSpec {
    let mut name_of =
        |event: &EventRef| Ok::<_, Infallible>(model.events[event.position].name.clone());
    let event_types = model.events.iter().map(|event| EventSpec {
        name: event.name.clone(),
        // Renaming cannot fail here, so what was given stays given.
        follows: event
            .follows
            .as_ref()
            .and_then(|f| f.try_map(&mut name_of).ok()),
        accumulate: event
            .accumulate
            .as_ref()
            .and_then(|a| a.try_map(&mut name_of).ok()),
        restarting: event.restarting,
        requires: event.requires.clone(),
        auto_transition: event.auto_transition,
        terminal: event.terminal,
        roles: role_names(&event.by),
        readers: role_names(&event.readers),
        internal: event.internal,
        rejection: event.rejection,
        timer: event.timer.as_ref().map(timer),
    });
    MachineSpec {
        readers: role_names(&model.readers),
        public: model.public,
        unique: model
            .unique
            .iter()
            .map(|position| unique(model, *position))
            .collect(),
        ..MachineSpec::new(model.entity.clone(), event_types)
    }
}

fn timer(timer: &Timer) -> eventsource_model::Timer {
    match timer {
        Timer::After { seconds, .. } => eventsource_model::Timer::After { seconds: *seconds },
        Timer::At { name, .. } => eventsource_model::Timer::At {
            field: name.unraw().to_string().into(),
        },
    }
}

/// Returns the field of the data at this position with the payload fields that set it.
fn unique(model: &Model, position: usize) -> UniqueSpec {
    let field = &model.outline.data.fields[position];
    let spec = UniqueSpec::new(field.ident.unraw().to_string());
    field.sources.iter().fold(spec, |spec, source| {
        let event = &model.events[source.event].name;
        match model.outline.payload_field(source) {
            Some(from) => spec.set_by(event, from),
            None => spec,
        }
    })
}

/// Returns the names that roles have unless their enum says otherwise, which the derive does not see.
fn role_names(roles: &[Ident]) -> Vec<String> {
    let roles = roles.iter();
    roles
        .map(|role| Case::default().apply(&role.unraw().to_string()))
        .collect()
}
