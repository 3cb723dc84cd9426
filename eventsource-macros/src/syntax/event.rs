//! Parser of `#[event(..)]` on a variant.

use eventsource_model::{Accumulator, findings::Code};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Variant};

use super::allowed_roles::{self, AllowedRoles};
use super::formula::ParsedFormula;
use super::items::{self, GivenKeys};
use super::levels::Levels;
use super::list::{bare_name, comma_list, skip_to_comma};
use super::timer::{self, WrittenTimer};
use super::vocabulary;
use super::{ParseContext, VariantFeed, accumulator, feeds, formula};

/// Keys as written; a key with a wrong value is absent.
#[derive(Default)]
pub(crate) struct EventAttr {
    pub(crate) follows: Option<ParsedFormula>,
    pub(crate) accumulate: Option<Accumulator<Ident>>,
    /// Tokens of the whole accumulator, for findings about it.
    pub(crate) accumulate_tokens: TokenStream,
    pub(crate) requires: Vec<Ident>,
    /// Roles that may write the event.
    pub(crate) by: Option<AllowedRoles>,
    /// Roles that may see the fields.
    pub(crate) readers: Option<AllowedRoles>,
    /// Marks, where they are written.
    pub(crate) restarting: Option<Ident>,
    pub(crate) auto_transition: Option<Ident>,
    pub(crate) terminal: Option<Ident>,
    pub(crate) internal: Option<Ident>,
    pub(crate) rejection: Option<Ident>,
    pub(crate) after: Option<WrittenTimer>,
    pub(crate) at: Option<WrittenTimer>,
    pub(crate) rename: Option<LitStr>,
    /// Fields that a payload struct feeds, and where that is written.
    pub(crate) feeds: Option<(Ident, Vec<VariantFeed>)>,
    pub(crate) levels: Levels,
}

/// Parses every `#[event(..)]` of the variant as one.
pub(super) fn read(variant: &Variant, context: &mut ParseContext) -> EventAttr {
    let mut event = EventAttr::default();
    let mut given = GivenKeys::default();
    for attr in &variant.attrs {
        if attr.path().is_ident("event") {
            items::read(
                attr,
                &vocabulary::EVENT,
                &mut given,
                context,
                |key, input, context| {
                    event.value(key, input, context);
                },
            );
        } else if attr.path().is_ident("machine") {
            let message =
                "`#[machine(..)]` belongs on the enum\n= help: a variant takes `#[event(..)]`";
            context.errors.push_on(Code::Syntax, attr.path(), message);
        }
    }
    event
}

impl EventAttr {
    fn value(&mut self, key: &Ident, input: ParseStream, context: &mut ParseContext) {
        match key.unraw().to_string().as_str() {
            "follows" => {
                let Some(equals) = items::equals(key, input, "Created", context) else {
                    return;
                };
                self.follows = formula::read(input, equals, context);
                if self.follows.is_none() {
                    skip_to_comma(input);
                }
            }
            "accumulate" => {
                let Some(equals) = items::equals(key, input, "union()", context) else {
                    return;
                };
                self.accumulate_tokens = skip_to_comma(&input.fork());
                self.accumulate = accumulator::read(input, equals, context);
                if self.accumulate.is_none() {
                    skip_to_comma(input);
                }
            }
            "requires" => self.requires = requires(key, input, context),
            "by" => {
                self.by = allowed_roles::read(key, "anyone may write the event", input, context);
            }
            "read_by" => {
                self.readers = allowed_roles::read(
                    key,
                    "everyone who may read the entity sees the fields",
                    input,
                    context,
                );
            }
            "after" => self.after = timer::after(key, input, context),
            "at" => self.at = timer::at(key, input, context),
            "rename" => self.rename = items::string(key, input, "\"CREATED\"", context),
            "feeds" => {
                self.feeds =
                    feeds::of_variant(key, input, context).map(|feeds| (key.clone(), feeds));
            }
            "allow" => self.levels.read(key, input, context),
            flag => {
                items::flag(key, input, context);
                let mark = match flag {
                    "restarting" => &mut self.restarting,
                    "auto_transition" => &mut self.auto_transition,
                    "internal" => &mut self.internal,
                    "rejection" => &mut self.rejection,
                    _ => &mut self.terminal,
                };
                *mark = Some(key.clone());
            }
        }
    }
}

fn requires(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Vec<Ident> {
    let Some((paren, content)) = items::list(key, input, "field", context) else {
        return Vec::new();
    };
    if content.is_empty() {
        let message = "`requires()` names no field\n= help: remove it, or write `requires(field)`";
        context.errors.push(Code::Syntax, key.span(), message);
    }
    comma_list(&content, "a field", "`,`", context, |input, context| {
        bare_name(input, "a field", paren.span.close(), context)
    })
}
