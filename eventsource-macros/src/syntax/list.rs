//! Parser of comma lists that continues after mistakes.

use eventsource_model::findings::Code;
use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseBuffer, ParseStream};
use syn::{Ident, LitStr, Token, parenthesized, token};

use super::ParseContext;

/// Parses the parentheses that come next.
pub(super) fn parens(input: ParseStream<'_>) -> syn::Result<(token::Paren, ParseBuffer<'_>)> {
    let content;
    let paren = parenthesized!(content in input);
    Ok((paren, content))
}

/// Skips to the next comma, or the end.
pub(crate) fn skip_to_comma(input: ParseStream) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => skipped.extend([token]),
            Err(_) => break,
        }
    }
    skipped
}

/// Skips everything.
pub(crate) fn drain(input: ParseStream) -> TokenStream {
    let mut skipped = TokenStream::new();
    while let Ok(token) = input.parse::<TokenTree>() {
        skipped.extend([token]);
    }
    skipped
}

/// Parses the items between the commas of `content`, without those that have mistakes.
///
/// `what` names an item in messages, `next` the tokens that may follow one.
pub(crate) fn comma_list<T>(
    content: ParseStream,
    what: &str,
    next: &str,
    context: &mut ParseContext,
    mut item: impl FnMut(ParseStream, &mut ParseContext) -> Option<T>,
) -> Vec<T> {
    let mut items = Vec::new();
    while !content.is_empty() {
        if content.peek(Token![,]) {
            let message = format!("expected {what} before `,`");
            context.errors.push(Code::Syntax, content.span(), message);
        } else {
            match item(content, context) {
                Some(item) => {
                    items.push(item);
                    expect_comma(content, next, context);
                }
                None => {
                    skip_to_comma(content);
                }
            }
        }
        if content.parse::<Token![,]>().is_err() {
            break;
        }
    }
    items
}

/// Reports and skips the tokens before the next comma. `next` names the tokens that were expected.
pub(super) fn expect_comma(input: ParseStream, next: &str, context: &mut ParseContext) {
    if !input.is_empty() && !input.peek(Token![,]) {
        let found = next_token(input);
        let message = format!("expected {next}, found `{found}`");
        context.errors.push(Code::Syntax, input.span(), message);
        skip_to_comma(input);
    }
}

/// Names the next token for a message.
pub(crate) fn next_token(input: ParseStream) -> String {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => match group.delimiter() {
            proc_macro2::Delimiter::Parenthesis => "(".to_owned(),
            proc_macro2::Delimiter::Brace => "{".to_owned(),
            proc_macro2::Delimiter::Bracket => "[".to_owned(),
            proc_macro2::Delimiter::None => group.to_string(),
        },
        Ok(TokenTree::Punct(_)) => operator(input),
        Ok(token) => token.to_string(),
        Err(_) => String::new(),
    }
}

/// Writes `, found ..` for the next token; nothing at the end.
pub(crate) fn found(next: &str) -> String {
    match next {
        "" => String::new(),
        next => format!(", found `{next}`"),
    }
}

/// Returns the signs that stand together, such as `=>`.
fn operator(input: ParseStream) -> String {
    let mut signs = String::new();
    let mut cursor = input.cursor();
    while let Some((sign, next)) = cursor.punct() {
        signs.push(sign.as_char());
        if sign.spacing() == Spacing::Alone {
            break;
        }
        cursor = next;
    }
    signs
}

/// Parses the bare name of an event or a field.
///
/// `after` is the location of the error if nothing follows.
pub(crate) fn bare_name(
    input: ParseStream,
    kind: &str,
    after: Span,
    context: &mut ParseContext,
) -> Option<Ident> {
    if input.peek(LitStr) {
        quoted_name(input, kind, context);
        return None;
    }
    if input.peek(Ident::peek_any) {
        let name = input.call(Ident::parse_any).ok()?;
        if input.peek(Token![::]) {
            qualified_name(name, input, kind, context);
            return None;
        }
        return Some(name);
    }
    if input.is_empty() || input.peek(Token![,]) {
        context
            .errors
            .push(Code::Syntax, after, format!("expected {kind}"));
    } else {
        let found = next_token(input);
        let message = format!("expected {kind}, found `{found}`");
        context.errors.push(Code::Syntax, input.span(), message);
    }
    None
}

/// Reports a string in place of a bare name.
pub(super) fn quoted_name(input: ParseStream, kind: &str, context: &mut ParseContext) {
    let Ok(text) = input.parse::<LitStr>() else {
        return;
    };
    let bare = text.parse_with(Ident::parse_any);
    let help = bare.map_or_else(
        |_| format!("write {kind} by its bare name, without quotes"),
        |bare| format!("write the bare name: `{bare}`"),
    );
    let message = format!("expected {kind}, found a string\n= help: {help}");
    context.errors.push(Code::Syntax, text.span(), message);
}

/// Reports `TaskEvent::Created` in place of `Created`.
pub(super) fn qualified_name(
    first: Ident,
    input: ParseStream,
    kind: &str,
    context: &mut ParseContext,
) {
    let mut tokens = TokenStream::from(TokenTree::from(first));
    let mut last = None;
    while let Ok(colons) = input.parse::<Token![::]>() {
        tokens.extend(quote::quote!(#colons));
        let Ok(name) = input.call(Ident::parse_any) else {
            break;
        };
        tokens.extend([TokenTree::from(name.clone())]);
        last = Some(name);
    }
    let help = last.map_or_else(String::new, |name| {
        format!("\n= help: write the bare name: `{name}`")
    });
    let message = format!("expected {kind}, found a path{help}");
    context.errors.push_on(Code::Syntax, tokens, message);
}
