//! Parser of `#[machine(..)]` on the enum.

use eventsource_model::findings::{Code, MAX_STATES};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path};

use super::ParseContext;
use super::allowed_roles::{self, AllowedRoles};
use super::case::{self, Case};
use super::id::{self, IdFormat};
use super::invariant::{self, Invariant};
use super::items::{self, GivenKeys};
use super::levels::Levels;
use super::list::{bare_name, comma_list, next_token, skip_to_comma};
use super::vocabulary;

/// Keys as written; a key with a wrong value is absent, but [`given`](Self::given).
#[derive(Default)]
pub(crate) struct MachineAttr {
    pub(crate) given: GivenKeys,
    pub(crate) entity: Option<LitStr>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) id: Option<IdFormat>,
    pub(crate) roles: Option<Path>,
    /// Roles that may read entities and events.
    pub(crate) readers: Option<AllowedRoles>,
    pub(crate) public: Option<Ident>,
    /// Fields of the data that no two entities have the same value in.
    pub(crate) unique: Vec<Ident>,
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
pub(super) fn read(attrs: &[Attribute], context: &mut ParseContext) -> MachineAttr {
    let mut machine = MachineAttr::default();
    let mut given = GivenKeys::default();
    for attr in attrs {
        if attr.path().is_ident("machine") {
            items::read(
                attr,
                &vocabulary::MACHINE,
                &mut given,
                context,
                |key, input, context| {
                    machine.value(key, input, context);
                },
            );
        } else if attr.path().is_ident("event") {
            let message =
                "`#[event(..)]` belongs on a variant\n= help: the enum takes `#[machine(..)]`";
            context.errors.push_on(Code::Syntax, attr.path(), message);
        }
    }
    machine.given = given;
    machine
}

impl MachineAttr {
    fn value(&mut self, key: &Ident, input: ParseStream, context: &mut ParseContext) {
        match key.unraw().to_string().as_str() {
            "entity" => self.entity = items::string(key, input, "\"task\"", context),
            "rename_all" => self.rename_all = case::read(key, input, context),
            "id" => self.id = id::read(key, input, context),
            "roles" => self.roles = roles(key, input, context),
            "read_by" => {
                self.readers = allowed_roles::read(key, "everyone may read", input, context);
            }
            "public" => {
                items::flag(key, input, context);
                self.public = Some(key.clone());
            }
            "unique" => self.unique = unique(key, input, context),
            "data" => self.data = data(key, input, context),
            "typestate" => {
                items::flag(key, input, context);
                self.typestate = true;
            }
            "max_states" => self.max_states = max_states(key, input, context),
            "allow" | "warn" | "deny" => self.levels.read(key, input, context),
            "fingerprint" => {
                self.fingerprint = items::string(key, input, "\"..\"", context);
            }
            word if invariant::KEYS.contains(&word) => {
                self.invariants.extend(invariant::read(key, input, context));
            }
            _ => self.krate = krate(key, input, context),
        }
    }
}

fn data(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<Ident> {
    items::equals(key, input, "TaskData", context)?;
    bare_name(input, "a name", key.span(), context)
}

/// Parses the fields of `unique(email, ..)`.
fn unique(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Vec<Ident> {
    let Some((paren, content)) = items::list(key, input, "email", context) else {
        return Vec::new();
    };
    if content.is_empty() {
        let message = "`unique()` names no field\n= help: write `unique(email)`";
        context.errors.push(Code::Syntax, key.span(), message);
    }
    comma_list(&content, "a field", "`,`", context, |input, context| {
        bare_name(input, "a field", paren.span.close(), context)
    })
}

fn max_states(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<usize> {
    let number = items::number(key, input, "4096", context)?;
    match number.base10_parse::<usize>() {
        Ok(states) if states > MAX_STATES && number.suffix().is_empty() => {
            let message = format!(
                "`max_states` is at most {MAX_STATES}\n= help: leave it out: checks that need no exploration are made in any case"
            );
            context.errors.push_on(Code::Syntax, number, message);
            None
        }
        Ok(states) if states > 0 && number.suffix().is_empty() => Some(states),
        _ => {
            let message =
                "`max_states` takes a whole number from 1\n= help: write `max_states = 4096`";
            context.errors.push_on(Code::Syntax, number, message);
            None
        }
    }
}

/// Parses the path of the enum of roles.
fn roles(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<Path> {
    items::equals(key, input, "Role", context)?;
    let span = input.span();
    if let Ok(path) = input.call(Path::parse_mod_style) {
        return Some(path);
    }
    let message = format!(
        "expected the path of an enum, found `{}`\n= help: write `roles = Role`, with `#[derive(Role)]` on that enum",
        next_token(input)
    );
    context.errors.push(Code::Syntax, span, message);
    skip_to_comma(input);
    None
}

pub(super) fn krate(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<Path> {
    let text = items::string(key, input, "\"::eventsource_core\"", context)?;
    match text.parse_with(Path::parse_mod_style) {
        Ok(path) => Some(path),
        Err(_) => {
            let message = format!(
                "`{}` is not a path\n= help: write `crate = \"::eventsource_core\"`, or where that crate is re-exported",
                text.value()
            );
            context.errors.push(Code::Syntax, text.span(), message);
            None
        }
    }
}
