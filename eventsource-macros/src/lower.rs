//! From the checked enum to the machine, by the same compiler that reads machines at run time.

use std::convert::Infallible;

use eventsource_model::{EventSpec, MAX_CLAUSES, Machine, MachineSpec, SpecError};

use crate::errors::Errors;
use crate::model::{EventRef, Model};

/// The machine, unless the compiler of machines refuses it.
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
        match large {
            Some(position) => {
                errors.at_variant(position);
                let message = format!(
                    "the formula has more than {MAX_CLAUSES} alternatives when written as `any_of(all_of(..), ..)`\n= help: let an event of its own stand for some of them"
                );
                errors.push_on(&model.events[position].follows_tokens, message);
            }
            // The checks before this one have said so already, on the exact token.
            None => {
                errors.at_enum();
                errors.push(model.outline.ident.span(), error);
            }
        }
    }
    None
}

fn spec(model: &Model) -> MachineSpec {
    let mut name =
        |event: &EventRef| Ok::<_, Infallible>(model.events[event.position].name.clone());
    let event_types = model.events.iter().map(|event| EventSpec {
        name: event.name.clone(),
        // Renaming cannot fail here, so what was given stays given.
        follows: event
            .follows
            .as_ref()
            .and_then(|f| f.try_map(&mut name).ok()),
        accumulate: event
            .accumulate
            .as_ref()
            .and_then(|a| a.try_map(&mut name).ok()),
        restarting: event.restarting,
        requires: event.requires.clone(),
        auto_transition: event.auto_transition,
        terminal: event.terminal,
        roles: Vec::new(),
    });
    MachineSpec::new(model.entity.clone(), event_types)
}
