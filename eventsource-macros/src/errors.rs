//! Errors of one enum, all reported in one run.

use std::fmt::Display;

use eventsource_model::findings::{Code, Finding};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Errors in the order of the source: those of the enum first, then those of each variant.
///
/// The stages of the derive find errors one after the other; sorting by place keeps the errors of
/// one variant together.
#[derive(Default)]
pub(crate) struct Errors {
    place: usize,
    found: Vec<(usize, syn::Error)>,
}

impl Errors {
    /// Assigns the errors that follow to the enum itself.
    pub(crate) fn at_enum(&mut self) {
        self.place = 0;
    }

    /// Assigns the errors that follow to the variant at this position.
    pub(crate) fn at_variant(&mut self, position: usize) {
        self.place = position + 1;
    }

    /// Adds an error on one token.
    pub(crate) fn push(&mut self, code: Code, span: Span, message: impl Display) {
        let message = with_code(code, &message.to_string());
        self.found
            .push((self.place, syn::Error::new(span, message)));
    }

    /// Adds an error on the range from the first of `tokens` to the last.
    pub(crate) fn push_on(&mut self, code: Code, tokens: impl ToTokens, message: impl Display) {
        let message = with_code(code, &message.to_string());
        let error = syn::Error::new_spanned(tokens, message);
        self.found.push((self.place, error));
    }

    /// Adds a finding of the model on the range from the first of `tokens` to the last.
    pub(crate) fn push_finding(&mut self, tokens: impl ToTokens, finding: &Finding) {
        self.found
            .push((self.place, syn::Error::new_spanned(tokens, finding)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Writes one `compile_error!` per error.
    pub(crate) fn into_compile_errors(mut self) -> TokenStream {
        self.found.sort_by_key(|(place, _)| *place);
        self.found
            .into_iter()
            .map(|(_, error)| error.into_compile_error())
            .collect()
    }
}

/// Writes the message with its code at the end of the first line, where it is easy to find.
fn with_code(code: Code, message: &str) -> String {
    match message.split_once('\n') {
        Some((first, rest)) => format!("{first} [{code}]\n{rest}"),
        None => format!("{message} [{code}]"),
    }
}
