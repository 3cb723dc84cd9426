//! Parts of a fragment or a union, between commas: a variant, or `..` and a fragment.

use eventsource_model::findings::Code;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, Path, Token};

use crate::errors::Errors;
use crate::syntax::list::{drain, next_token, skip_to_comma};

/// Part as tokens, which are kept as written.
pub(super) enum Part {
    Variant { name: Ident, tokens: TokenStream },
    Fragment(Path),
}

impl ToTokens for Part {
    /// Writes the part with a comma after it.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Variant { tokens, .. } => quote!(#tokens,),
            Self::Fragment(path) => quote!(..#path,),
        });
    }
}

/// Parses the parts. A part with a mistake is reported and left out.
pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Vec<Part> {
    let mut parts = Vec::new();
    let parsed = Parser::parse2(
        |input: ParseStream| {
            while !input.is_empty() {
                if input.peek(Token![,]) {
                    let message = "expected a variant or `..fragment` before `,`";
                    errors.push(Code::Syntax, input.span(), message);
                } else {
                    let piece = skip_to_comma(input);
                    parts.extend(between_commas(piece, errors));
                }
                if input.parse::<Token![,]>().is_err() {
                    break;
                }
            }
            Ok(())
        },
        tokens,
    );
    if let Err(error) = parsed {
        errors.push(Code::Syntax, error.span(), error);
    }
    parts
}

/// Parses the tokens between two commas: more than one part where a comma is missing.
fn between_commas(tokens: TokenStream, errors: &mut Errors) -> Vec<Part> {
    if is_fragment(&tokens, errors) {
        let fragment = Parser::parse2(fragment, tokens);
        let fragment = fragment.map_err(|error| errors.push(Code::Syntax, error.span(), error));
        return fragment.into_iter().collect();
    }
    let plain = match without_dollars(tokens.clone()) {
        Ok(plain) => plain,
        Err(span) => {
            errors.push(
                Code::Syntax,
                span,
                "only `$crate` may have a `$` in a fragment",
            );
            return Vec::new();
        }
    };
    match Parser::parse2(variant, plain) {
        Ok((name, rest)) => {
            let length = tokens.clone().into_iter().count() - rest.clone().into_iter().count();
            let tokens = tokens.into_iter().take(length).collect();
            let mut parts = vec![Part::Variant { name, tokens }];
            if let Some(next) = rest.clone().into_iter().next() {
                errors.push(
                    Code::Syntax,
                    next.span(),
                    format!("expected `,`, found `{next}`"),
                );
                parts.extend(between_commas(rest, &mut Errors::default()));
            }
            parts
        }
        Err(error) => {
            errors.push(Code::Syntax, error.span(), error);
            Vec::new()
        }
    }
}

fn is_fragment(tokens: &TokenStream, errors: &mut Errors) -> bool {
    let read = Parser::parse2(
        |input: ParseStream| {
            let attrs = input.call(Attribute::parse_outer)?;
            let is_fragment = input.peek(Token![..]);
            if is_fragment && let Some(attr) = attrs.first() {
                let message =
                    "a fragment takes no attributes\n= help: write them above its variants";
                errors.push_on(Code::Syntax, attr, message);
            }
            drain(input);
            Ok(is_fragment)
        },
        tokens.clone(),
    );
    read.unwrap_or_default()
}

/// Parses `..path::to::fragment`.
fn fragment(input: ParseStream) -> syn::Result<Part> {
    input.call(Attribute::parse_outer)?;
    let dots = input.parse::<Token![..]>()?;
    if input.is_empty() {
        let message =
            "expected a fragment after `..`\n= help: name one that `event_fragment!` defines";
        return Err(syn::Error::new_spanned(dots, message));
    }
    let Ok(path) = input.fork().call(Path::parse_mod_style) else {
        let found = next_token(input);
        let message = format!("expected the path of a fragment, found `{found}`");
        return Err(input.error(message));
    };
    input.call(Path::parse_mod_style)?;
    if input.is_empty() {
        return Ok(Part::Fragment(path));
    }
    let help = if input.peek(Token![!]) {
        "\n= help: write the name alone"
    } else {
        ""
    };
    let message = format!("expected `,`, found `{}`{help}", next_token(input));
    Err(input.error(message))
}

/// Parses the name of a variant, and the tokens that follow it.
fn variant(input: ParseStream) -> syn::Result<(Ident, TokenStream)> {
    let fork = input.fork();
    let attrs = fork.call(Attribute::parse_outer)?;
    if fork.is_empty() {
        let message = "expected a variant after these attributes";
        drain(input);
        return Err(syn::Error::new_spanned(quote!(#(#attrs)*), message));
    }
    if !fork.peek(Ident::peek_any) {
        let found = next_token(&fork);
        let message = format!("expected a variant or `..fragment`, found `{found}`");
        let error = fork.error(message);
        drain(input);
        return Err(error);
    }
    let variant = syn::Variant::parse(input)?;
    Ok((variant.ident, drain(input)))
}

/// Replaces `$crate` by `crate`, since it is no syntax before the fragment's macro expands.
///
/// Returns the location of another `$` as an error.
fn without_dollars(tokens: TokenStream) -> Result<TokenStream, Span> {
    let mut plain = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '$' => match tokens.peek() {
                Some(TokenTree::Ident(word)) if word == "crate" => {}
                _ => return Err(sign.span()),
            },
            TokenTree::Group(group) => {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), without_dollars(group.stream())?);
                inner.set_span(group.span());
                plain.extend([TokenTree::Group(inner)]);
            }
            token => plain.extend([token]),
        }
    }
    Ok(plain)
}
