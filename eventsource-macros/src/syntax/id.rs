//! Parser of `id = ..`: the format of entity ids.

use eventsource_model::findings::Code;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token, token};

use super::Reader;
use super::items;
use super::list::{drain, parens, skip_to_comma};

/// Format of entity ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
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
pub(super) fn read(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Id> {
    items::equals(key, input, "uuid", reader)?;
    let span = input.span();
    let kind = input.call(Ident::parse_any).map(|kind| kind.to_string());
    match kind.as_deref() {
        Ok("uuid") => Some(Id::Uuid),
        Ok("ulid") => {
            let (prefix, _) = arguments("ulid", span, input, reader)?;
            Some(Id::Ulid { prefix })
        }
        Ok("counter") => {
            let (prefix, width) = arguments("counter", span, input, reader)?;
            // As many digits as the number has.
            let width = width.unwrap_or(1);
            Some(Id::Counter { prefix, width })
        }
        _ => {
            let message = format!("unknown kind of `id`{HELP}");
            reader.errors.push(Code::Syntax, span, message);
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
    reader: &mut Reader,
) -> Option<(String, Option<u8>)> {
    if !input.peek(token::Paren) {
        let message = format!("`{kind}` takes what the ids begin with{HELP}");
        reader.errors.push(Code::Syntax, span, message);
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
        let message = format!("expected what the ids begin with, as a string{HELP}");
        reader.errors.push(Code::Syntax, at, message);
        drain(&content);
        return None;
    };
    let width = match width(kind, &content, reader) {
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
            "ids cannot begin with `{}`\n= help: it is made of `A-Z a-z 0-9 _ -`",
            odd.escape_debug()
        );
        reader.errors.push(Code::Syntax, prefix.span(), message);
        return None;
    }
    if text.len() > MAX_PREFIX {
        let message = format!(
            "what ids begin with has at most {MAX_PREFIX} characters, this has {}",
            text.len()
        );
        reader.errors.push(Code::Syntax, prefix.span(), message);
        return None;
    }
    Some((text, width))
}

/// Parses what follows the prefix, if anything does.
fn width(kind: &str, content: ParseStream, reader: &mut Reader) -> Result<Option<u8>, ()> {
    if content.parse::<Token![,]>().is_err() && !content.is_empty() {
        return unexpected(kind, content, reader);
    }
    if content.is_empty() {
        return Ok(None);
    }
    let key = content.fork().call(Ident::parse_any);
    let Ok(key) = key.and_then(|key| match kind {
        "counter" if key == "width" => content.call(Ident::parse_any),
        _ => Err(content.error("")),
    }) else {
        return unexpected(kind, content, reader);
    };
    let number = items::number(&key, content, "10", reader).ok_or(())?;
    let width = match number.base10_parse::<u8>() {
        Ok(width) if (1..=MAX_WIDTH).contains(&width) && number.suffix().is_empty() => width,
        _ => {
            let message = format!(
                "`width` takes a whole number from 1 to {MAX_WIDTH}\n= help: write `width = 10`"
            );
            reader.errors.push_on(Code::Syntax, number, message);
            return Err(());
        }
    };
    // A last comma says nothing.
    let _ = content.parse::<Token![,]>();
    if !content.is_empty() {
        return unexpected(kind, content, reader);
    }
    Ok(Some(width))
}

fn unexpected(kind: &str, content: ParseStream, reader: &mut Reader) -> Result<Option<u8>, ()> {
    let message = if kind == "counter" {
        "`counter` takes what the ids begin with, and a `width`\n= help: write `counter(\"TSK-\", width = 10)`"
    } else {
        "`ulid` takes what the ids begin with, and no more\n= help: write `ulid(\"tsk_\")`"
    };
    reader.errors.push(Code::Syntax, content.span(), message);
    Err(())
}
