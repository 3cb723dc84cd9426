//! Checks `by(..)`, `read_by(..)`, `internal` and `public`: who may write and who may read.

use eventsource_model::findings::Code;
use syn::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::syntax::{AllowedRoles, EventAttr, MachineAttr};

/// Checks the machine's own `read_by(..)` and `public`.
pub(super) fn check_machine(machine: &MachineAttr, errors: &mut Errors) {
    check_list(machine.readers.as_ref(), machine.given.has("roles"), errors);
    if let (Some(public), Some(_)) = (&machine.public, &machine.readers) {
        let message =
            "a machine that everybody may read has no `read_by(..)`\n= help: remove one of the two";
        errors.push(Code::Operands, public.span(), message);
    }
}

/// Checks what an event says about who may write and read it.
///
/// Whether the roles exist is reported by rustc, on the word: the derive does not see their enum.
pub(super) fn check_event(event: &EventAttr, has_roles: bool, errors: &mut Errors) {
    check_list(event.by.as_ref(), has_roles, errors);
    check_list(event.readers.as_ref(), has_roles, errors);
    if let (Some(by), Some(_)) = (&event.by, &event.auto_transition) {
        let message = "an auto transition has no actor, so it takes no `by(..)`\n= help: write `by(..)` on the events that lead to it";
        errors.push(Code::Operands, by.key.span(), message);
    }
    let Some(internal) = &event.internal else {
        return;
    };
    if let Some(by) = &event.by {
        let message = "an internal event is written by the program itself, so it takes no `by(..)`\n= help: remove `by(..)`, or `internal` if clients with these roles may write the event";
        errors.push(Code::Operands, by.key.span(), message);
    }
    if event.auto_transition.is_some() {
        let message = "an auto transition is written by the store, so it is not `internal`\n= help: remove `internal`";
        errors.push(Code::Operands, internal.span(), message);
    }
}

/// Checks a list of roles: that there is an enum of roles, and that none is named twice.
fn check_list(list: Option<&AllowedRoles>, has_roles: bool, errors: &mut Errors) {
    let Some(list) = list else {
        return;
    };
    if !has_roles {
        let key = list.key.unraw();
        let message = format!(
            "`{key}(..)` needs the enum of the roles\n= help: name their enum: `#[machine(roles = Role)]`, with `#[derive(Role)]` on it"
        );
        errors.push(Code::Syntax, list.key.span(), message);
    }
    let mut earlier: Vec<&Ident> = Vec::with_capacity(list.roles.len());
    for role in &list.roles {
        if earlier.iter().any(|known| known.unraw() == role.unraw()) {
            let message = format!("`{}` is named twice", role.unraw());
            errors.push(Code::Operands, role.span(), message);
        }
        earlier.push(role);
    }
}
