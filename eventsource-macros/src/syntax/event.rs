//! `#[event(..)]` on a variant.

use eventsource_model::{Accumulator, Formula, findings::Code};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Variant};

use super::formula::Word;
use super::items::{self, Given, Vocabulary};
use super::list::{bare_name, comma_list, skip_to_comma};
use super::{Reader, accumulator, formula};

pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    attribute: "event",
    example: "follows = Created",
    keys: &[
        "follows",
        "accumulate",
        "requires",
        "restarting",
        "auto_transition",
        "terminal",
        "rename",
    ],
    not_yet: &[
        "by",
        "status",
        "next",
        "sets",
        "gate",
        "corrects",
        "rejection",
        "other",
        "renamed_from",
        "allow",
    ],
};

/// The keys as written; a key whose value is wrong is absent.
#[derive(Default)]
pub(crate) struct EventAttr {
    pub(crate) follows: Option<Formula<Word>>,
    /// The whole formula, for errors about it.
    pub(crate) follows_tokens: TokenStream,
    pub(crate) accumulate: Option<Accumulator<Ident>>,
    pub(crate) requires: Vec<Ident>,
    pub(crate) restarting: bool,
    pub(crate) auto_transition: bool,
    pub(crate) terminal: bool,
    pub(crate) rename: Option<LitStr>,
}

/// Reads every `#[event(..)]` of the variant as one.
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
    let on_fields = variant.fields.iter().flat_map(|field| &field.attrs);
    for attr in on_fields {
        if attr.path().is_ident("event") || attr.path().is_ident("machine") {
            let message = "a field takes no attribute of the machine\n= help: write it above the variant; `requires(..)` names fields there";
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
                self.follows_tokens = skip_to_comma(&input.fork());
                self.follows = formula::read(input, equals, reader);
                if self.follows.is_none() {
                    skip_to_comma(input);
                }
            }
            "accumulate" => {
                let Some(equals) = items::equals(key, input, "union()", reader) else {
                    return;
                };
                self.accumulate = accumulator::read(input, equals, reader);
                if self.accumulate.is_none() {
                    skip_to_comma(input);
                }
            }
            "requires" => self.requires = requires(key, input, reader),
            "rename" => self.rename = items::string(key, input, "\"CREATED\"", reader),
            flag => {
                items::flag(key, input, reader);
                match flag {
                    "restarting" => self.restarting = true,
                    "auto_transition" => self.auto_transition = true,
                    _ => self.terminal = true,
                }
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
