//! Source locations of findings.

use eventsource_model::EventIndex;
use eventsource_model::findings::Subject;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Ident;
use syn::ext::IdentExt;

use crate::model::{Model, Timer};

/// Returns the tokens that a finding is about; the name of the variant or of the enum if nothing is
/// written there.
pub(crate) fn tokens(subject: &Subject, model: &Model) -> TokenStream {
    let written = subject
        .event()
        .and_then(|event| of_event(subject, event, model))
        .or_else(|| of_machine(subject, model));
    written.unwrap_or_else(|| match subject.event() {
        Some(event) => model.outline.variants[event.get()].ident.to_token_stream(),
        None => model.outline.ident.to_token_stream(),
    })
}

fn of_machine(subject: &Subject, model: &Model) -> Option<TokenStream> {
    match subject {
        Subject::Invariant(position) => Some(model.invariants.get(*position)?.tokens.clone()),
        Subject::Fingerprint => model.fingerprint.as_ref().map(ToTokens::to_token_stream),
        _ => None,
    }
}

fn of_event(subject: &Subject, event: EventIndex, model: &Model) -> Option<TokenStream> {
    let source = &model.events[event.get()].source;
    let mark = |mark: &Option<Ident>| mark.as_ref().map(ToTokens::to_token_stream);
    match subject {
        Subject::Follows(_) => Some(source.follows.as_ref()?.tokens.clone()),
        Subject::Operand(_, path) => Some(source.follows.as_ref()?.operand(path).tokens.clone()),
        Subject::Accumulate(_) => {
            Some(source.accumulate.clone()).filter(|tokens| !tokens.is_empty())
        }
        Subject::Requires(_, name) => {
            let mut fields = source.fields.iter();
            mark(&fields.find(|field| field.unraw() == name).cloned())
        }
        Subject::Restarting(_) => mark(&source.restarting),
        Subject::AutoTransition(_) => mark(&source.auto_transition),
        Subject::Terminal(_) => mark(&source.terminal),
        Subject::Timer(_) => match model.events[event.get()].timer.as_ref()? {
            Timer::After { text, .. } => Some(text.to_token_stream()),
            Timer::At { name, .. } => Some(name.to_token_stream()),
        },
        Subject::Event(_) | Subject::Machine | Subject::Invariant(_) | Subject::Fingerprint => None,
    }
}
