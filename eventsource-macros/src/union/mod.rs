//! `event_fragment!` and `event_union!`: rules that several machines share.
//!
//! A derive sees its own enum only, so the variants have to be in it before the derive runs. A
//! fragment becomes a `macro_rules!` macro that passes its variants, with their source locations,
//! to its caller. A union calls its fragments in turn and then is a plain enum:
//!
//! ```text
//! event_union! { .. enum TaskEvent { ..basic_task, Reviewed } }
//!     -> basic_task! { { unite } { what is known of the enum } }
//!     -> unite! { { what is known of the enum } { Created, Started } }
//!     -> enum TaskEvent { Created, Started, Reviewed }
//! ```

mod fragment;
mod parts;
mod unite;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// Expands `event_fragment!`.
pub(crate) fn expand_fragment(input: TokenStream) -> TokenStream {
    with_errors(|errors| fragment::read(input, errors).map(|fragment| fragment.emit()))
}

/// Expands `event_union!`.
pub(crate) fn expand_union(input: TokenStream) -> TokenStream {
    with_errors(|errors| unite::begin(input, errors))
}

/// Expands `unite!`, which a fragment calls.
pub(crate) fn expand_unite(input: TokenStream) -> TokenStream {
    with_errors(|errors| unite::go_on(input, errors))
}

fn with_errors(expand: impl FnOnce(&mut Errors) -> Option<TokenStream>) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = expand(&mut errors);
    let errors = errors.into_compile_errors();
    quote! {
        #errors
        #expanded
    }
}
