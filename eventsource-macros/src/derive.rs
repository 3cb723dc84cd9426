//! Stages of `#[derive(Event)]`, from the tokens of the enum to the generated code.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::{check, emit, fallback, findings, lower, syntax};

/// Expands the derive, on tokens that do not need a compiler around them.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let input = syntax::read(input, &mut errors);
    let model = check::check(input, &mut errors);
    if errors.is_empty()
        && let Some(machine) = lower::lower(&model, &mut errors)
    {
        let warnings = findings::report(&model, &machine, &mut errors);
        let errors = errors.into_compile_errors();
        let items = emit::emit(&model, &machine);
        return quote! {
            #errors
            #items
            #warnings
        };
    }
    let errors = errors.into_compile_errors();
    let stubs = fallback::stubs(&model.outline);
    quote! {
        #errors
        #stubs
    }
}
