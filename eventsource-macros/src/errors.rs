//! Everything that is wrong with one enum, reported in one run.

use std::fmt::Display;

use eventsource_model::findings::{Code, Finding};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Errors in the order in which a reader meets their causes: the enum first, then each variant.
///
/// The stages of the derive find errors one after the other; sorting by place keeps what belongs
/// to one variant together.
#[derive(Default)]
pub(crate) struct Errors {
    place: usize,
    found: Vec<(usize, syn::Error)>,
}

impl Errors {
    /// What follows is about the enum itself.
    pub(crate) fn at_enum(&mut self) {
        self.place = 0;
    }

    /// What follows is about the variant at this position.
    pub(crate) fn at_variant(&mut self, position: usize) {
        self.place = position + 1;
    }

    /// An error on one token.
    pub(crate) fn push(&mut self, code: Code, span: Span, message: impl Display) {
        let message = with_code(code, &message.to_string());
        self.found
            .push((self.place, syn::Error::new(span, message)));
    }

    /// An error on everything from the first of `tokens` to the last.
    pub(crate) fn push_on(&mut self, code: Code, tokens: impl ToTokens, message: impl Display) {
        let message = with_code(code, &message.to_string());
        let error = syn::Error::new_spanned(tokens, message);
        self.found.push((self.place, error));
    }

    /// What the model found, on everything from the first of `tokens` to the last.
    pub(crate) fn push_finding(&mut self, tokens: impl ToTokens, finding: &Finding) {
        self.found
            .push((self.place, syn::Error::new_spanned(tokens, finding)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// One `compile_error!` an error.
    pub(crate) fn into_compile_errors(mut self) -> TokenStream {
        self.found.sort_by_key(|(place, _)| *place);
        self.found
            .into_iter()
            .map(|(_, error)| error.into_compile_error())
            .collect()
    }
}

/// The message with its code at the end of the first line, where people look for what to look up.
fn with_code(code: Code, message: &str) -> String {
    match message.split_once('\n') {
        Some((first, rest)) => format!("{first} [{code}]\n{rest}"),
        None => format!("{message} [{code}]"),
    }
}
