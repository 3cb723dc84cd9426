//! Parser of `#[machine(..)]` on the enum.

use eventsource_model::findings::{Code, MAX_STATES};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path};

use super::Reader;
use super::case::{self, Case};
use super::id::{self, Id};
use super::invariant::{self, Invariant};
use super::items::{self, Given, Vocabulary};
use super::levels::Levels;
use super::list::{bare_name, next_token, skip_to_comma};

pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    attribute: "machine",
    example: "entity = \"task\"",
    keys: &[
        "entity",
        "rename_all",
        "id",
        "roles",
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
    not_yet: &[],
};

/// Keys as written; a key with a wrong value is absent, but [`given`](Self::given).
#[derive(Default)]
pub(crate) struct MachineAttr {
    pub(crate) given: Given,
    pub(crate) entity: Option<LitStr>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) id: Option<Id>,
    pub(crate) roles: Option<Path>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) levels: Levels,
    pub(crate) fingerprint: Option<LitStr>,
    pub(crate) max_states: Option<usize>,
    pub(crate) typestate: bool,
    /// Name of the struct of an entity's data.
    pub(crate) data: Option<Ident>,
    pub(crate) krate: Option<Path>,
}

/// Parses every `#[machine(..)]` of the enum as one.
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
            "rename_all" => self.rename_all = case::read(key, input, reader),
            "id" => self.id = id::read(key, input, reader),
            "roles" => self.roles = roles(key, input, reader),
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

/// Parses the path of the enum of roles.
fn roles(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Path> {
    items::equals(key, input, "Role", reader)?;
    let span = input.span();
    if let Ok(path) = input.call(Path::parse_mod_style) {
        return Some(path);
    }
    let message = format!(
        "expected the path of an enum, found `{}`\n= help: write `roles = Role`, with `#[derive(Role)]` on that enum",
        next_token(input)
    );
    reader.errors.push(Code::Syntax, span, message);
    skip_to_comma(input);
    None
}

pub(super) fn krate(key: &Ident, input: ParseStream, reader: &mut Reader) -> Option<Path> {
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
