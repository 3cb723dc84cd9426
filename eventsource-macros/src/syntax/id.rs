//! Parser of `id = ..`: the format of entity ids.

use eventsource_model::findings::Code;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token, token};

use super::ParseContext;
use super::items;
use super::list::{drain, parens, skip_to_comma};

/// Format of entity ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IdFormat {
    Uuid,
    Ulid { prefix: String },
    Counter { prefix: String, width: u8 },
}

const HELP: &str =
    "\n= help: write `id = uuid`, `id = ulid(\"tsk_\")` or `id = counter(\"TSK-\", width = 10)`";

/// Longest prefix, so that ids stay short in file names and URLs.
const MAX_PREFIX: usize = 16;

/// Number of digits of the highest number in an id, without the last, which may not be full.
const MAX_WIDTH: u8 = 18;

/// Parses the format after `id =`; absent if it is wrong.
pub(super) fn read(
    key: &Ident,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<IdFormat> {
    items::equals(key, input, "uuid", context)?;
    let span = input.span();
    let kind = input.call(Ident::parse_any).map(|kind| kind.to_string());
    match kind.as_deref() {
        Ok("uuid") => Some(IdFormat::Uuid),
        Ok("ulid") => {
            let (prefix, _) = arguments("ulid", span, input, context)?;
            Some(IdFormat::Ulid { prefix })
        }
        Ok("counter") => {
            let (prefix, width) = arguments("counter", span, input, context)?;
            // As many digits as the number has.
            let width = width.unwrap_or(1);
            Some(IdFormat::Counter { prefix, width })
        }
        _ => {
            let message = format!("unknown kind of `id`{HELP}");
            context.errors.push(Code::Syntax, span, message);
            skip_to_comma(input);
            None
        }
    }
}

/// Parses `("tsk_")`, and `width = 10` where it has a meaning.
fn arguments(
    kind: &str,
    span: proc_macro2::Span,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<(String, Option<u8>)> {
    if !input.peek(token::Paren) {
        let message = format!("`{kind}` takes the prefix of the ids{HELP}");
        context.errors.push(Code::Syntax, span, message);
        skip_to_comma(input);
        return None;
    }
    let (paren, content) = parens(input).ok()?;
    let Ok(prefix) = content.parse::<LitStr>() else {
        let at = if content.is_empty() {
            paren.span.close()
        } else {
            content.span()
        };
        let message = format!("expected the prefix of the ids, as a string{HELP}");
        context.errors.push(Code::Syntax, at, message);
        drain(&content);
        return None;
    };
    let width = match width(kind, &content, context) {
        Ok(width) => width,
        Err(()) => {
            drain(&content);
            return None;
        }
    };
    let text = prefix.value();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if let Some(odd) = text.chars().find(|c| !plain(*c)) {
        let message = format!(
            "ids cannot begin with `{}`\n= help: a prefix is made of `A-Z a-z 0-9 _ -`",
            odd.escape_debug()
        );
        context.errors.push(Code::Syntax, prefix.span(), message);
        return None;
    }
    if text.len() > MAX_PREFIX {
        let message = format!(
            "the prefix of ids has at most {MAX_PREFIX} characters, this one has {}",
            text.len()
        );
        context.errors.push(Code::Syntax, prefix.span(), message);
        return None;
    }
    Some((text, width))
}

/// Parses what follows the prefix, if anything does.
fn width(kind: &str, content: ParseStream, context: &mut ParseContext) -> Result<Option<u8>, ()> {
    if content.parse::<Token![,]>().is_err() && !content.is_empty() {
        return unexpected(kind, content, context);
    }
    if content.is_empty() {
        return Ok(None);
    }
    let key = content.fork().call(Ident::parse_any);
    let Ok(key) = key.and_then(|key| match kind {
        "counter" if key == "width" => content.call(Ident::parse_any),
        _ => Err(content.error("")),
    }) else {
        return unexpected(kind, content, context);
    };
    let number = items::number(&key, content, "10", context).ok_or(())?;
    let width = match number.base10_parse::<u8>() {
        Ok(width) if (1..=MAX_WIDTH).contains(&width) && number.suffix().is_empty() => width,
        _ => {
            let message = format!(
                "`width` takes a whole number from 1 to {MAX_WIDTH}\n= help: write `width = 10`"
            );
            context.errors.push_on(Code::Syntax, number, message);
            return Err(());
        }
    };
    // A trailing comma is allowed.
    let _ = content.parse::<Token![,]>();
    if !content.is_empty() {
        return unexpected(kind, content, context);
    }
    Ok(Some(width))
}

fn unexpected(
    kind: &str,
    content: ParseStream,
    context: &mut ParseContext,
) -> Result<Option<u8>, ()> {
    let message = if kind == "counter" {
        "`counter` takes the prefix of the ids, and a `width`\n= help: write `counter(\"TSK-\", width = 10)`"
    } else {
        "`ulid` takes the prefix of the ids, and nothing else\n= help: write `ulid(\"tsk_\")`"
    };
    context.errors.push(Code::Syntax, content.span(), message);
    Err(())
}
