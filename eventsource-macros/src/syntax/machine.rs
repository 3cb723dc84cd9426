//! `#[machine(..)]` on the enum.

use eventsource_model::findings::{Code, MAX_STATES};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path};

use super::Reader;
use super::invariant::{self, Invariant};
use super::items::{self, Given, Vocabulary};
use super::levels::Levels;
use super::list::{bare_name, skip_to_comma};
use crate::suggest;

pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    attribute: "machine",
    example: "entity = \"task\"",
    keys: &[
        "entity",
        "rename_all",
        "id",
        "never",
        "always",
        "eventually",
        "allow",
        "warn",
        "deny",
        "fingerprint",
        "typestate",
        "data",
        "max_states",
        "crate",
    ],
    repeatable: &["never", "always", "eventually", "allow", "warn", "deny"],
    not_yet: &["roles"],
};

/// The keys as written; a key whose value is wrong is absent, but [`given`](Self::given).
#[derive(Default)]
pub(crate) struct MachineAttr {
    pub(crate) given: Given,
    pub(crate) entity: Option<LitStr>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) levels: Levels,
    pub(crate) fingerprint: Option<LitStr>,
    pub(crate) max_states: Option<usize>,
    pub(crate) typestate: bool,
    /// What the data of an entity is called.
    pub(crate) data: Option<Ident>,
    pub(crate) krate: Option<Path>,
}

/// How event types are named after their variants, in serde's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    #[default]
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

/// Reads every `#[machine(..)]` of the enum as one.
pub(super) fn read(attrs: &[Attribute], reader: &mut Reader) -> MachineAttr {
    let mut machine = MachineAttr::default();
    let mut given = Given::default();
    for attr in attrs {
        if attr.path().is_ident("machine") {
            items::read(
                attr,
                &VOCABULARY,
                &mut given,
                reader,
                |key, input, reader| {
                    machine.value(key, input, reader);
                },
            );
        } else if attr.path().is_ident("event") {
            let message =
                "`#[event(..)]` belongs on a variant\n= help: the enum takes `#[machine(..)]`";
            reader.errors.push_on(Code::Syntax, attr.path(), message);
        }
    }
    machine.given = given;
    machine
}

impl MachineAttr {
    fn value(&mut self, key: &Ident, input: ParseStream, reader: &mut Reader) {
        match key.unraw().to_string().as_str() {
            "entity" => self.entity = items::string(key, input, "\"task\"", reader),
            "rename_all" => self.rename_all = case(key, input, reader),
            "id" => id(key, input, reader),
            "data" => self.data = data(key, input, reader),
            "typestate" => {
                items::flag(key, input, reader);
                self.typestate = true;
            }
            "max_states" => self.max_states = max_states(key, input, reader),
            "allow" | "warn" | "deny" => self.levels.read(key, input, reader),
            "fingerprint" => {
                self.fingerprint = items::string(key, input, "\"..\"", reader);
            }
            word if invariant::KEYS.contains(&word) => {
                self.invariants.extend(invariant::read(key, input, reader));
            }
            _ => self.krate = krate(key, input, reader),
        }
    }
}

fn case(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Case> {
    let word = items::string(key, input, "\"SCREAMING_SNAKE_CASE\"", reader)?;
    let found = CASES.iter().find(|(name, _)| *name == word.value());
    if found.is_none() {
        let names = CASES.map(|(name, _)| name);
        let message = format!(
            "unknown case `{}` in `rename_all`\n= help: the cases are {}",
            word.value(),
            suggest::list(&names),
        );
        reader.errors.push(Code::Syntax, word.span(), message);
    }
    found.map(|(_, case)| *case)
}

/// Entities are named by uuid; the other ways are to come.
fn id(key: &Ident, input: ParseStream, reader: &mut Reader) {
    if items::equals(key, input, "uuid", reader).is_none() {
        return;
    }
    let span = input.span();
    let word = input.call(Ident::parse_any).map(|word| word.to_string());
    match word.as_deref() {
        Ok("uuid") => {}
        Ok(later @ ("ulid" | "counter")) => {
            let message = format!("`id = {later}(..)` is not supported yet");
            reader.errors.push(Code::Syntax, span, message);
            skip_to_comma(input);
        }
        _ => {
            let message = "unknown kind of `id`\n= help: write `id = uuid`";
            reader.errors.push(Code::Syntax, span, message);
            skip_to_comma(input);
        }
    }
}

fn data(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Ident> {
    items::equals(key, input, "TaskData", reader)?;
    bare_name(input, "a name", key.span(), reader)
}

fn max_states(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<usize> {
    let number = items::number(key, input, "4096", reader)?;
    match number.base10_parse::<usize>() {
        Ok(states) if states > MAX_STATES && number.suffix().is_empty() => {
            let message = format!(
                "`max_states` is at most {MAX_STATES}\n= help: leave it out: what can be said without exploring is said all the same"
            );
            reader.errors.push_on(Code::Syntax, number, message);
            None
        }
        Ok(states) if states > 0 && number.suffix().is_empty() => Some(states),
        _ => {
            let message =
                "`max_states` takes a whole number from 1\n= help: write `max_states = 4096`";
            reader.errors.push_on(Code::Syntax, number, message);
            None
        }
    }
}

fn krate(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Path> {
    let text = items::string(key, input, "\"::eventsource_core\"", reader)?;
    match text.parse_with(Path::parse_mod_style) {
        Ok(path) => Some(path),
        Err(_) => {
            let message = format!(
                "`{}` is not a path\n= help: write `crate = \"::eventsource_core\"`, or where that crate is re-exported",
                text.value()
            );
            reader.errors.push(Code::Syntax, text.span(), message);
            None
        }
    }
}
