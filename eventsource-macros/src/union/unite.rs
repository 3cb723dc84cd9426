//! `event_union!`: an enum whose fragments are replaced by their variants, one after the other.

use eventsource_model::findings::Code;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Path, Token, Visibility, braced, token};

use super::parts::{self, Part};
use crate::errors::Errors;
use crate::syntax::list::{found, next_token};

const EXAMPLE: &str =
    "\n= help: write `event_union! { #[derive(.., Event)] enum TaskEvent { ..basic_task, .. } }`";

/// Union of which some fragments have been replaced by their variants.
struct PartialUnion {
    /// Tokens before the braces: attributes, visibility, name.
    head: TokenStream,
    /// Path of `eventsource_core`.
    krate: TokenStream,
    /// Parts that are in their places: variants only.
    done: Vec<PlacedPart>,
    /// Fragments that were called, to refuse one that comes twice.
    called: Vec<Path>,
    /// Parts that are still to come.
    rest: Vec<PlacedPart>,
}

/// Part, with the fragment that it came from unless it is the enum's own.
struct PlacedPart {
    from: Option<Path>,
    part: Part,
}

/// Parses `event_union! { .. }` and calls the first fragment.
pub(super) fn begin(tokens: TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let read = Parser::parse2(
        |input: ParseStream| {
            let attrs = input.call(Attribute::parse_outer)?;
            let vis: Visibility = input.parse()?;
            if !input.peek(Token![enum]) {
                return Err(expected("an enum", input));
            }
            let keyword = input.parse::<Token![enum]>()?;
            if !input.peek(Ident) {
                return Err(expected("the name of the enum", input));
            }
            let name = input.parse::<Ident>()?;
            let mut head = quote!(#(#attrs)* #vis #keyword #name);
            // The derive refuses parameters and the like.
            while !input.is_empty() && !input.peek(token::Brace) {
                head.extend([input.parse::<TokenTree>()?]);
            }
            if input.is_empty() {
                return Err(expected("the variants in braces", input));
            }
            let content;
            braced!(content in input);
            let body: TokenStream = content.parse()?;
            let after: TokenStream = input.parse()?;
            Ok((head, krate(&attrs), body, after))
        },
        tokens,
    );
    let (head, krate, body, after) = match read {
        Ok(read) => read,
        Err(error) => {
            errors.push(Code::Syntax, error.span(), error);
            return None;
        }
    };
    let rest = parts::read(body, errors)
        .into_iter()
        .map(|part| PlacedPart { from: None, part })
        .collect();
    if !after.is_empty() {
        errors.push_on(Code::Syntax, after, "expected nothing after the enum");
    }
    let union = PartialUnion {
        head,
        krate,
        done: Vec::new(),
        called: Vec::new(),
        rest,
    };
    Some(union.next(errors))
}

/// Continues with `unite! { {union} {variants} }`, from a fragment that was called.
pub(super) fn go_on(tokens: TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let read = Parser::parse2(
        |input: ParseStream| {
            let union;
            braced!(union in input);
            let variants;
            braced!(variants in input);
            Ok((
                PartialUnion::parse(&union)?,
                variants.parse::<TokenStream>()?,
            ))
        },
        tokens,
    );
    match read {
        Ok((mut union, variants)) => {
            // Mistakes were reported at the fragment.
            let found = parts::read(variants, &mut Errors::default());
            let from = union.called.last().cloned();
            let found = found.into_iter().map(|part| PlacedPart {
                from: from.clone(),
                part,
            });
            union.rest.splice(..0, found);
            Some(union.next(errors))
        }
        Err(error) => {
            errors.push(Code::Syntax, error.span(), error);
            None
        }
    }
}

impl PartialUnion {
    /// Calls the next fragment, or generates the enum.
    fn next(mut self, errors: &mut Errors) -> TokenStream {
        let mut rest = std::mem::take(&mut self.rest).into_iter();
        while let Some(placed) = rest.next() {
            match placed.part {
                Part::Variant { ref name, .. } => {
                    if self.is_new(name, placed.from.as_ref(), errors) {
                        self.done.push(placed);
                    }
                }
                Part::Fragment(path) => {
                    if self.called.iter().any(|called| text(called) == text(&path)) {
                        let message = format!("fragment `{}` is in the union twice", text(&path));
                        errors.push_on(Code::Syntax, path, message);
                        continue;
                    }
                    self.called.push(path.clone());
                    self.rest = rest.collect();
                    let krate = &self.krate;
                    // rustc refuses the braces if it is another macro, at the name of this span.
                    let at = path.segments.last().map_or_else(Span::call_site, |last| {
                        Span::call_site().located_at(last.ident.span())
                    });
                    return quote_spanned!(at=> #path ! { { #krate::__private::unite } { #self } });
                }
            }
        }
        let (head, variants) = (&self.head, self.done.iter().map(|placed| &placed.part));
        quote!(#head { #(#variants)* })
    }

    /// Returns whether no event of that name exists yet; refuses it otherwise.
    fn is_new(&self, name: &Ident, from: Option<&Path>, errors: &mut Errors) -> bool {
        let first = self.done.iter().find(|placed| match &placed.part {
            Part::Variant { name: other, .. } => other.unraw() == name.unraw(),
            Part::Fragment(_) => false,
        });
        let Some(first) = first else {
            return true;
        };
        let part = |from: Option<&Path>| match from {
            Some(path) => format!("in `{}`", text(path)),
            None => "in the enum itself".to_owned(),
        };
        let message = format!(
            "event `{name}` is in the union twice\n= note: the first is {}, the second {}",
            part(first.from.as_ref()),
            part(from)
        );
        errors.push(Code::Syntax, name.span(), message);
        false
    }

    /// Parses the tokens that [`ToTokens`] wrote.
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let group = |input: ParseStream| {
            let content;
            braced!(content in input);
            content.parse::<TokenStream>()
        };
        let placed = |tokens: TokenStream| {
            Parser::parse2(
                |input: ParseStream| {
                    let mut all = Vec::new();
                    while !input.is_empty() {
                        let from = group(input)?;
                        let from = if from.is_empty() {
                            None
                        } else {
                            Some(Parser::parse2(Path::parse_mod_style, from)?)
                        };
                        let part = parts::read(group(input)?, &mut Errors::default());
                        all.extend(part.into_iter().map(|part| PlacedPart {
                            from: from.clone(),
                            part,
                        }));
                    }
                    Ok(all)
                },
                tokens,
            )
        };
        let paths = |tokens: TokenStream| {
            Parser::parse2(
                |input: ParseStream| {
                    let mut all = Vec::new();
                    while !input.is_empty() {
                        all.push(Parser::parse2(Path::parse_mod_style, group(input)?)?);
                    }
                    Ok(all)
                },
                tokens,
            )
        };
        Ok(Self {
            head: group(input)?,
            krate: group(input)?,
            done: placed(group(input)?)?,
            called: paths(group(input)?)?,
            rest: placed(group(input)?)?,
        })
    }
}

impl ToTokens for PartialUnion {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            head,
            krate,
            done,
            called,
            rest,
        } = self;
        tokens.extend(quote!({ #head } { #krate } { #(#done)* } { #({ #called })* } { #(#rest)* }));
    }
}

impl ToTokens for PlacedPart {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { from, part } = self;
        tokens.extend(quote!({ #from } { #part }));
    }
}

/// Returns the path of `eventsource_core` from `#[machine(crate = "..")]`.
///
/// A mistake in it is reported by the derive.
fn krate(attrs: &[Attribute]) -> TokenStream {
    let machine = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("machine") => Some(list.tokens.clone()),
        _ => None,
    });
    for keys in machine {
        let keys: Vec<TokenTree> = keys.into_iter().collect();
        for key in keys.windows(3) {
            if let [
                TokenTree::Ident(word),
                TokenTree::Punct(_),
                TokenTree::Literal(value),
            ] = key
                && word == "crate"
                && let Ok(path) = syn::parse2::<LitStr>(TokenTree::from(value.clone()).into())
                && let Ok(path) = path.parse_with(Path::parse_mod_style)
            {
                return quote!(#path);
            }
        }
    }
    quote!(::eventsource_core)
}

fn text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

fn expected(what: &str, input: ParseStream) -> syn::Error {
    let found = found(&next_token(input));
    let span = if input.is_empty() {
        Span::call_site()
    } else {
        input.span()
    };
    syn::Error::new(span, format!("expected {what}{found}{EXAMPLE}"))
}
