//! Parser of `allow(..)`, `warn(..)` and `deny(..)`: the levels of findings.

use eventsource_model::findings::Code;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, token};

use super::ParseContext;
use super::items;
use super::list::{bare_name, comma_list};
use crate::suggest;

/// Level of a finding, in the words of rustc's lints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Allow,
    Warn,
    Deny,
}

impl Level {
    fn of_key(key: &str) -> Self {
        match key {
            "warn" => Self::Warn,
            "deny" => Self::Deny,
            _ => Self::Allow,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// Levels that the author gave to findings.
#[derive(Default)]
pub(crate) struct Levels(Vec<(Code, Level)>);

impl Levels {
    pub(crate) fn of(&self, code: Code) -> Option<Level> {
        let given = self.0.iter().find(|(given, _)| *given == code);
        given.map(|(_, level)| *level)
    }

    /// Parses the list after `key`, whose name is the level.
    pub(super) fn read(&mut self, key: &Ident, input: ParseStream, context: &mut ParseContext) {
        let level = Level::of_key(&key.unraw().to_string());
        let Some((paren, content)) = items::list(key, input, "dead_end", context) else {
            return;
        };
        if content.is_empty() {
            let message = format!(
                "`{key}()` names no finding\n= help: remove it, or write `{key}(dead_end)`"
            );
            context.errors.push(Code::Syntax, key.span(), message);
        }
        let close = paren.span.close();
        let names = comma_list(&content, "a finding", "`,`", context, |input, context| {
            let name = bare_name(input, "a finding", close, context)?;
            if input.peek(token::Paren) {
                items::flag(&name, input, context);
            }
            Some(name)
        });
        for name in names {
            self.add(&name, level, context);
        }
    }

    fn add(&mut self, name: &Ident, level: Level, context: &mut ParseContext) {
        let word = name.unraw().to_string();
        let message = match Code::of_name(&word) {
            None => format!("unknown finding `{word}`{}", meant(&word)),
            Some(code) if !can_be_silenced(code) => {
                let cannot = match level {
                    Level::Deny => "is always an error",
                    Level::Allow | Level::Warn => "cannot be silenced",
                };
                format!("`{word}` {cannot}\n= note: {}", why(code))
            }
            Some(code) => match self.of(code) {
                Some(given) if given == level => format!("`{word}` is given twice"),
                Some(given) => format!(
                    "`{word}` is in `{}(..)` already\n= help: keep it in one of the lists",
                    given.key()
                ),
                None => {
                    self.0.push((code, level));
                    return;
                }
            },
        };
        context.errors.push(Code::Syntax, name.span(), message);
    }
}

/// Returns whether the finding may be silenced: it is about rules that can be read, and may be
/// intended.
///
/// Of `operands` these are the operands without effect, such as one that is given twice.
fn can_be_silenced(code: Code) -> bool {
    !matches!(
        code,
        Code::UnknownEvent | Code::Syntax | Code::UnknownField | Code::Shape | Code::Invariant
    )
}

fn why(code: Code) -> &'static str {
    match code {
        Code::Invariant => "remove an invariant that need not hold",
        _ => "there is no machine until it is corrected",
    }
}

/// Writes the help for a name that no finding has.
fn meant(word: &str) -> String {
    let by_code = Code::ALL.iter().find(|code| code.code() == word);
    if let Some(code) = by_code {
        return format!("\n= help: write its name: `{}`", code.name());
    }
    let names: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| can_be_silenced(**code))
        .map(|code| code.name())
        .collect();
    suggest::closest(word, names).map_or_else(
        || "\n= help: the message of a finding shows its name, such as `dead_end`".to_owned(),
        |name| format!("\n= help: did you mean `{name}`?"),
    )
}
