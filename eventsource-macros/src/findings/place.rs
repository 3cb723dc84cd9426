//! Source locations of findings.

use eventsource_model::EventIndex;
use eventsource_model::findings::Place;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Ident;
use syn::ext::IdentExt;

use crate::model::Model;

/// Returns the tokens that a finding is about; the name of the variant or of the enum if nothing is
/// written there.
pub(crate) fn tokens(place: &Place, model: &Model) -> TokenStream {
    let written = place
        .event()
        .and_then(|event| of_event(place, event, model))
        .or_else(|| of_machine(place, model));
    written.unwrap_or_else(|| match place.event() {
        Some(event) => model.outline.variants[event.get()].ident.to_token_stream(),
        None => model.outline.ident.to_token_stream(),
    })
}

fn of_machine(place: &Place, model: &Model) -> Option<TokenStream> {
    match place {
        Place::Invariant(position) => Some(model.invariants.get(*position)?.tokens.clone()),
        Place::Fingerprint => model.fingerprint.as_ref().map(ToTokens::to_token_stream),
        _ => None,
    }
}

fn of_event(place: &Place, event: EventIndex, model: &Model) -> Option<TokenStream> {
    let source = &model.events[event.get()].source;
    let mark = |mark: &Option<Ident>| mark.as_ref().map(ToTokens::to_token_stream);
    match place {
        Place::Follows(_) => Some(source.follows.as_ref()?.tokens.clone()),
        Place::Operand(_, path) => Some(source.follows.as_ref()?.operand(path).tokens.clone()),
        Place::Accumulate(_) => Some(source.accumulate.clone()).filter(|tokens| !tokens.is_empty()),
        Place::Requires(_, name) => {
            let mut fields = source.fields.iter();
            mark(&fields.find(|field| field.unraw() == name).cloned())
        }
        Place::Restarting(_) => mark(&source.restarting),
        Place::AutoTransition(_) => mark(&source.auto_transition),
        Place::Terminal(_) => mark(&source.terminal),
        Place::Event(_) | Place::Machine | Place::Invariant(_) | Place::Fingerprint => None,
    }
}
