//! Parser of `#[event(..)]` on a variant.

use eventsource_model::{Accumulator, findings::Code};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Variant};

use super::formula::Written;
use super::items::{self, Given, Vocabulary};
use super::levels::Levels;
use super::list::{bare_name, comma_list, skip_to_comma};
use super::{Reader, VariantFeed, accumulator, feeds, formula};

pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    attribute: "event",
    example: "follows = Created",
    keys: &[
        "follows",
        "accumulate",
        "requires",
        "by",
        "restarting",
        "auto_transition",
        "terminal",
        "rename",
        "feeds",
        "allow",
    ],
    repeatable: &["allow"],
    not_yet: &[
        "status",
        "next",
        "sets",
        "gate",
        "corrects",
        "rejection",
        "other",
        "renamed_from",
    ],
};

/// Keys as written; a key with a wrong value is absent.
#[derive(Default)]
pub(crate) struct EventAttr {
    pub(crate) follows: Option<Written>,
    pub(crate) accumulate: Option<Accumulator<Ident>>,
    /// Tokens of the whole accumulator, for findings about it.
    pub(crate) accumulate_tokens: TokenStream,
    pub(crate) requires: Vec<Ident>,
    pub(crate) by: Option<By>,
    /// Marks, where they are written.
    pub(crate) restarting: Option<Ident>,
    pub(crate) auto_transition: Option<Ident>,
    pub(crate) terminal: Option<Ident>,
    pub(crate) rename: Option<LitStr>,
    /// Fields that a payload struct feeds, and where that is written.
    pub(crate) feeds: Option<(Ident, Vec<VariantFeed>)>,
    pub(crate) levels: Levels,
}

/// Roles that may write the event, as written.
pub(crate) struct By {
    pub(crate) key: Ident,
    pub(crate) roles: Vec<Ident>,
}

/// Parses every `#[event(..)]` of the variant as one.
pub(super) fn read(variant: &Variant, reader: &mut Reader) -> EventAttr {
    let mut event = EventAttr::default();
    let mut given = Given::default();
    for attr in &variant.attrs {
        if attr.path().is_ident("event") {
            items::read(
                attr,
                &VOCABULARY,
                &mut given,
                reader,
                |key, input, reader| {
                    event.value(key, input, reader);
                },
            );
        } else if attr.path().is_ident("machine") {
            let message =
                "`#[machine(..)]` belongs on the enum\n= help: a variant takes `#[event(..)]`";
            reader.errors.push_on(Code::Syntax, attr.path(), message);
        }
    }
    event
}

impl EventAttr {
    fn value(&mut self, key: &Ident, input: ParseStream, reader: &mut Reader) {
        match key.unraw().to_string().as_str() {
            "follows" => {
                let Some(equals) = items::equals(key, input, "Created", reader) else {
                    return;
                };
                self.follows = formula::read(input, equals, reader);
                if self.follows.is_none() {
                    skip_to_comma(input);
                }
            }
            "accumulate" => {
                let Some(equals) = items::equals(key, input, "union()", reader) else {
                    return;
                };
                self.accumulate_tokens = skip_to_comma(&input.fork());
                self.accumulate = accumulator::read(input, equals, reader);
                if self.accumulate.is_none() {
                    skip_to_comma(input);
                }
            }
            "requires" => self.requires = requires(key, input, reader),
            "by" => self.by = by(key, input, reader),
            "rename" => self.rename = items::string(key, input, "\"CREATED\"", reader),
            "feeds" => {
                self.feeds =
                    feeds::of_variant(key, input, reader).map(|feeds| (key.clone(), feeds));
            }
            "allow" => self.levels.read(key, input, reader),
            flag => {
                items::flag(key, input, reader);
                let mark = match flag {
                    "restarting" => &mut self.restarting,
                    "auto_transition" => &mut self.auto_transition,
                    _ => &mut self.terminal,
                };
                *mark = Some(key.clone());
            }
        }
    }
}

fn requires(key: &Ident, input: ParseStream, reader: &mut Reader) -> Vec<Ident> {
    let Some((paren, content)) = items::list(key, input, "field", reader) else {
        return Vec::new();
    };
    if content.is_empty() {
        let message = "`requires()` names no field\n= help: remove it, or write `requires(field)`";
        reader.errors.push(Code::Syntax, key.span(), message);
    }
    comma_list(&content, "a field", "`,`", reader, |input, reader| {
        bare_name(input, "a field", paren.span.close(), reader)
    })
}

fn by(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<By> {
    let (paren, content) = items::list(key, input, "Role", reader)?;
    if content.is_empty() {
        let message = "`by()` names no role\n= help: without it anyone may write the event; or write `by(Role)`";
        reader.errors.push(Code::Syntax, key.span(), message);
        return None;
    }
    let roles = comma_list(&content, "a role", "`,`", reader, |input, reader| {
        bare_name(input, "a role", paren.span.close(), reader)
    });
    let key = key.clone();
    Some(By { key, roles })
}
