//! `event_fragment!`: variants that are kept in a macro.

use eventsource_model::findings::Code;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Visibility, braced, token};

use super::parts::{self, Part};
use crate::errors::Errors;
use crate::syntax::list::{found, next_token};

const EXAMPLE: &str = "\n= help: write `event_fragment! { pub basic_task { Created, .. } }`";

pub(super) struct Fragment {
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: Ident,
    parts: Vec<Part>,
}

/// Parses a fragment, or as much of it as is usable.
pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Option<Fragment> {
    let head = Parser::parse2(
        |input: ParseStream| {
            let attrs = input.call(Attribute::parse_outer)?;
            let vis: Visibility = input.parse()?;
            let name = if input.peek(Ident) {
                input.parse::<Ident>()?
            } else {
                return Err(expected("the name of a fragment", input));
            };
            if !input.peek(token::Brace) {
                return Err(expected("the variants in braces", input));
            }
            let content;
            braced!(content in input);
            let body: TokenStream = content.parse()?;
            let rest: TokenStream = input.parse()?;
            Ok((attrs, vis, name, body, rest))
        },
        tokens,
    );
    let (attrs, vis, name, body, rest) = match head {
        Ok(head) => head,
        Err(error) => {
            errors.push(Code::Syntax, error.span(), error);
            return None;
        }
    };
    if body.is_empty() {
        let message = "a fragment without variants\n= help: write variants as in an enum";
        errors.push(Code::Syntax, name.span(), message);
    }
    let parts = parts::read(body, errors);
    if !rest.is_empty() {
        errors.push_on(Code::Syntax, rest, "expected nothing after the fragment");
    }
    Some(Fragment {
        attrs,
        vis,
        name,
        parts,
    })
}

fn expected(what: &str, input: ParseStream) -> syn::Error {
    let found = found(&next_token(input));
    input.error(format!("expected {what}{found}{EXAMPLE}"))
}

impl Fragment {
    /// Generates the macro, and its name.
    ///
    /// A `macro_rules!` macro is found by its order in the text, or at the root of its crate if it
    /// is exported. A `use` makes it an item like any other, in the module of the `use`.
    pub(super) fn emit(&self) -> TokenStream {
        let Self {
            attrs, vis, name, ..
        } = self;
        let parts = self.parts.iter().map(ToTokens::to_token_stream).collect();
        let plain = name.unraw();
        let mut hidden = format_ident!("__event_fragment_{plain}", span = Span::call_site());
        let (mut export, mut inline) = (None, None);
        if let Visibility::Public(_) = vis {
            // Exported macros of all modules share the root of the crate.
            hidden = format_ident!("{hidden}_{:016x}", hash(&parts));
            export = Some(quote!(#[macro_export]));
            // The documentation is here, under the name that the author gave.
            inline = Some(quote!(#[doc(inline)]));
        }
        let message = format!(
            "`{plain}` is a fragment of an enum of events\n= help: write `..{plain}` among the variants of an `event_union!`"
        );
        let dollar = TokenTree::Punct(proc_macro2::Punct::new('$', proc_macro2::Spacing::Alone));
        quote! {
            #[doc(hidden)]
            #[allow(unused_macros)]
            #export
            macro_rules! #hidden {
                ({ #dollar(#dollar to:tt)* } #dollar union:tt) => {
                    #dollar(#dollar to)* ! { #dollar union { #parts } }
                };
                (#dollar(#dollar other:tt)*) => {
                    ::core::compile_error! { #message }
                };
            }
            #(#attrs)*
            #inline
            #[allow(unused_imports)]
            #vis use #hidden as #name;
        }
    }
}

/// Hashes the text with FNV-1a: equal in every build.
fn hash(tokens: &TokenStream) -> u64 {
    tokens
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
