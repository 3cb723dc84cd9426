//! Checks `by(..)`: the roles that may write an event.

use eventsource_model::findings::Code;
use syn::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::syntax::EventAttr;

/// Checks the use of `by(..)`.
///
/// Whether the roles exist is reported by rustc, on the word: the derive does not see their enum.
pub(super) fn check(event: &EventAttr, has_roles: bool, errors: &mut Errors) {
    let Some(by) = &event.by else {
        return;
    };
    if !has_roles {
        let message = "`by(..)` needs the enum of the roles\n= help: name their enum: `#[machine(roles = Role)]`, with `#[derive(Role)]` on it";
        errors.push(Code::Syntax, by.key.span(), message);
    }
    if event.auto_transition.is_some() {
        let message = "an auto transition has no actor, so it takes no `by(..)`\n= help: write `by(..)` on the events that lead to it";
        errors.push(Code::Operands, by.key.span(), message);
    }
    let mut earlier: Vec<&Ident> = Vec::with_capacity(by.roles.len());
    for role in &by.roles {
        if earlier.iter().any(|known| known.unraw() == role.unraw()) {
            let message = format!("`{}` is named twice", role.unraw());
            errors.push(Code::Operands, role.span(), message);
        }
        earlier.push(role);
    }
}
