//! Checks `after`, `at` and `rejection`: words that decide about other words of the event.

use eventsource_model::findings::Code;
use syn::Ident;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::model::{Data, Timer};
use crate::suggest;
use crate::syntax::{EventAttr, WrittenTime};

/// Returns the timer of an event, with its field found among those of the data.
pub(super) fn timer(event: &EventAttr, data: &Data, errors: &mut Errors) -> Option<Timer> {
    let written = match (&event.after, &event.at) {
        (Some(_), Some(at)) => {
            let message = "an event has one timer: `after` or `at`\n= help: remove one of the two";
            errors.push(Code::Operands, at.key.span(), message);
            return None;
        }
        (Some(timer), None) | (None, Some(timer)) => timer,
        (None, None) => return None,
    };
    if let Some(by) = &event.by {
        let message = "a timed event is written by itself, so it takes no `by(..)`\n= help: remove `by(..)`, and let an event of its own do the same by hand";
        errors.push(Code::Operands, by.key.span(), message);
    }
    match &written.when {
        WrittenTime::After { text, seconds } => Some(Timer::After {
            seconds: *seconds,
            text: text.clone(),
        }),
        WrittenTime::At(name) => field(name, data, errors),
    }
}

fn field(name: &Ident, data: &Data, errors: &mut Errors) -> Option<Timer> {
    let mut fields = data.fields.iter();
    if let Some(position) = fields.position(|field| field.ident.unraw() == name.unraw()) {
        let name = name.clone();
        return Some(Timer::At { name, position });
    }
    let names: Vec<String> = (data.fields.iter())
        .map(|field| field.ident.unraw().to_string())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let word = name.unraw().to_string();
    let help = suggest::help(&word, "fields of the data", &names);
    let message = format!("the data has no field `{word}`{help}");
    errors.push(Code::UnknownField, name.span(), message);
    None
}

/// Checks that a rejection has no rules of its own: it follows any state, and keeps it.
pub(super) fn rejection(event: &EventAttr, errors: &mut Errors) {
    let Some(rejection) = &event.rejection else {
        return;
    };
    let key = |timer: &Option<crate::syntax::WrittenTimer>| {
        timer.as_ref().map(|timer| timer.key.to_string())
    };
    let mark = |mark: &Option<Ident>| mark.as_ref().map(ToString::to_string);
    let rules = [
        event.follows.as_ref().map(|_| "follows".to_owned()),
        (!event.accumulate_tokens.is_empty()).then(|| "accumulate".to_owned()),
        mark(&event.restarting),
        mark(&event.auto_transition),
        mark(&event.terminal),
        key(&event.after),
        key(&event.at),
    ];
    for rule in rules.into_iter().flatten() {
        let message = format!(
            "a rejection follows any state and keeps it, so it takes no `{rule}`\n= help: remove `{rule}`, or `rejection` if the event changes the entity"
        );
        errors.push(Code::Operands, rejection.span(), message);
    }
}
