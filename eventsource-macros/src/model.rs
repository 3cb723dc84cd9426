//! Model: the enum after checking, with every name resolved.

use eventsource_model::{Accumulator, Formula};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Fields, Ident, LitStr, Path, Type, Visibility};

use crate::syntax::{FormulaTokens, IdFormat, Levels};

/// Facts about the enum that hold even when its rules are wrong: enough for stubs.
pub(crate) struct Outline {
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// Name of the fieldless enum to generate.
    pub(crate) type_ident: Ident,
    /// Path of `eventsource_core`, unless `crate = ".."` is wrong.
    pub(crate) krate: Option<Path>,
    /// Whether the traits can be implemented at all: not for a struct, nor with parameters.
    pub(crate) can_be_event: bool,
    /// Names of the typed handle, if one is requested.
    pub(crate) typestate: Option<Typestate>,
    pub(crate) data: Data,
    pub(crate) variants: Vec<Variant>,
}

impl Outline {
    /// Returns the name of the payload field of the source; `None` if it is the whole payload.
    pub(crate) fn payload_field(&self, source: &DataSource) -> Option<String> {
        match &source.from {
            DataFrom::Payload => None,
            DataFrom::Part(part) => Some(part.unraw().to_string()),
            DataFrom::Field(position) => {
                let field = self.variants[source.event].fields.iter().nth(*position);
                let ident = field.and_then(|field| field.ident.as_ref());
                ident.map(|ident| ident.unraw().to_string())
            }
        }
    }
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) fields: Fields,
}

/// Names of the typed handle's items.
pub(crate) struct Typestate {
    /// Name of the handle, such as `TaskHandle`.
    pub(crate) handle: Ident,
    /// Name of the module of knowledge, such as `task_states`.
    pub(crate) states: Ident,
    /// Names of the methods, one per variant.
    pub(crate) methods: Vec<Ident>,
}

/// Struct of an entity's data: the latest value of each payload field.
pub(crate) struct Data {
    /// Name of the struct, such as `TaskData`.
    pub(crate) ident: Ident,
    pub(crate) fields: Vec<DataField>,
}

pub(crate) struct DataField {
    pub(crate) ident: Ident,
    /// Type of the value, without the `Option` around it.
    pub(crate) ty: TokenStream,
    pub(crate) serialize_with: Option<SerdeWith>,
    pub(crate) deserialize_with: Option<SerdeWith>,
    /// Payload fields that feed it, in declaration order of the events.
    pub(crate) sources: Vec<DataSource>,
}

/// Function that serde uses to write or read a field.
#[derive(Clone)]
pub(crate) struct SerdeWith {
    pub(crate) path: Path,
    /// Whether the function takes or returns an `Option` of the value.
    pub(crate) takes_option: bool,
}

/// Payload field that feeds a field of the data.
pub(crate) struct DataSource {
    /// Position of the variant.
    pub(crate) event: usize,
    pub(crate) from: DataFrom,
}

pub(crate) enum DataFrom {
    /// Field of a struct variant, at this position.
    Field(usize),
    /// Field of a payload struct.
    Part(Ident),
    /// Whole payload struct.
    Payload,
}

/// Enum without errors.
pub(crate) struct Model {
    pub(crate) outline: Outline,
    pub(crate) entity: String,
    /// Format of entity ids.
    pub(crate) id: IdFormat,
    /// Path of the enum of roles.
    pub(crate) roles: Option<Path>,
    /// Roles that may read entities and events; none if everyone may.
    pub(crate) readers: Vec<Ident>,
    /// Whether reads need no actor.
    pub(crate) public: bool,
    /// Positions of the fields of the data that no two entities have the same value in.
    pub(crate) unique: Vec<usize>,
    /// Largest number of states to explore.
    pub(crate) max_states: usize,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) levels: Levels,
    pub(crate) fingerprint: Option<LitStr>,
    /// Events, in declaration order.
    pub(crate) events: Vec<Event>,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a word of the rule")]
pub(crate) struct Event {
    /// Name as stored and shown.
    pub(crate) name: String,
    pub(crate) follows: Option<Formula<EventRef>>,
    pub(crate) accumulate: Option<Accumulator<EventRef>>,
    pub(crate) requires: Vec<String>,
    /// Required fields that `requires` does not name.
    pub(crate) required_by_type: Vec<String>,
    /// Roles that may write the event, as variants of the enum; none if anyone may.
    pub(crate) by: Vec<Ident>,
    /// Roles that may see the fields; none if everyone may.
    pub(crate) readers: Vec<Ident>,
    /// Whether no client may write the event.
    pub(crate) internal: bool,
    /// Whether the event records a refusal.
    pub(crate) rejection: bool,
    pub(crate) timer: Option<Timer>,
    /// Fields whose existence rustc must check because the derive cannot see them.
    pub(crate) probe: Option<FieldProbe>,
    pub(crate) restarting: bool,
    pub(crate) auto_transition: bool,
    pub(crate) terminal: bool,
    pub(crate) levels: Levels,
    pub(crate) source: RuleTokens,
}

/// When an event is written by itself.
pub(crate) enum Timer {
    After {
        seconds: u64,
        text: LitStr,
    },
    At {
        /// Field of the data, as named in the timer.
        name: Ident,
        /// Position of the field in the data.
        position: usize,
    },
}

/// Tokens of the parts of an event's rule, for messages about them.
pub(crate) struct RuleTokens {
    pub(crate) follows: Option<FormulaTokens>,
    pub(crate) accumulate: TokenStream,
    /// Names of the fields: those in `requires`, then the payload's own.
    pub(crate) fields: Vec<Ident>,
    pub(crate) restarting: Option<Ident>,
    pub(crate) auto_transition: Option<Ident>,
    pub(crate) terminal: Option<Ident>,
}

/// Invariant of the author, with its tokens.
pub(crate) struct Invariant {
    pub(crate) claim: Claim,
    pub(crate) tokens: TokenStream,
}

pub(crate) enum Claim {
    Never(Formula<EventRef>),
    Always(Formula<EventRef>),
    Eventually(Formula<EventRef>),
}

/// Event that a rule names: its position, and where it is named.
#[derive(Clone, Copy)]
pub(crate) struct EventRef {
    pub(crate) position: usize,
    pub(crate) span: Span,
}

/// Fields that a newtype variant's payload struct must have.
pub(crate) struct FieldProbe {
    pub(crate) payload: Type,
    pub(crate) fields: Vec<Ident>,
}
