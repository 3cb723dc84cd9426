//! The enum after checking: every name resolved, every rule known to make sense.

use eventsource_model::{Accumulator, Formula};
use proc_macro2::{Span, TokenStream};
use syn::{Fields, Ident, LitStr, Path, Type, Visibility};

use crate::syntax::{Extent, Id, Levels};

/// What is known of the enum even when its rules are wrong: enough for stubs.
pub(crate) struct Outline {
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// The fieldless enum to generate.
    pub(crate) type_ident: Ident,
    /// Where `eventsource_core` is, unless `crate = ".."` is wrong.
    pub(crate) krate: Option<Path>,
    /// Whether the traits can be implemented at all: not for a struct, nor with parameters.
    pub(crate) can_be_event: bool,
    /// The names of the typed handle, if one is asked for.
    pub(crate) typestate: Option<Typestate>,
    pub(crate) data: Data,
    pub(crate) variants: Vec<Variant>,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) fields: Fields,
}

/// What the typed handle is made of.
pub(crate) struct Typestate {
    /// The handle, such as `TaskHandle`.
    pub(crate) handle: Ident,
    /// The module of what can be known, such as `task_states`.
    pub(crate) states: Ident,
    /// One method a variant.
    pub(crate) methods: Vec<Ident>,
}

/// What is known of an entity: the latest value of each field of the payloads.
pub(crate) struct Data {
    /// The struct, such as `TaskData`.
    pub(crate) ident: Ident,
    pub(crate) fields: Vec<DataField>,
}

pub(crate) struct DataField {
    pub(crate) ident: Ident,
    /// What it holds once it has a value.
    pub(crate) ty: TokenStream,
    pub(crate) serialize_with: Option<SerdeWith>,
    pub(crate) deserialize_with: Option<SerdeWith>,
    /// In declaration order of the events.
    pub(crate) sources: Vec<DataSource>,
}

/// The function that serde is told to write a field with, or to read it with.
#[derive(Clone)]
pub(crate) struct SerdeWith {
    pub(crate) path: Path,
    /// Whether it takes or gives an `Option` of what the field of the data holds.
    pub(crate) takes_option: bool,
}

/// What gives a field of the data its values.
pub(crate) struct DataSource {
    /// The position of the variant.
    pub(crate) event: usize,
    pub(crate) from: DataFrom,
}

pub(crate) enum DataFrom {
    /// A field of a struct variant, at this position.
    Field(usize),
    /// A field of a payload struct.
    Part(Ident),
    /// A whole payload struct.
    Payload,
}

/// The whole enum, without errors.
pub(crate) struct Model {
    pub(crate) outline: Outline,
    pub(crate) entity: String,
    /// How entities are named.
    pub(crate) id: Id,
    /// The enum of roles.
    pub(crate) roles: Option<Path>,
    /// The most states to explore.
    pub(crate) max_states: usize,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) levels: Levels,
    pub(crate) fingerprint: Option<LitStr>,
    /// One a variant, in declaration order.
    pub(crate) events: Vec<Event>,
}

pub(crate) struct Event {
    /// The name that is stored and shown.
    pub(crate) name: String,
    pub(crate) follows: Option<Formula<EventRef>>,
    pub(crate) accumulate: Option<Accumulator<EventRef>>,
    pub(crate) requires: Vec<String>,
    /// The roles that may write it, as variants of the enum; none if anyone may.
    pub(crate) by: Vec<Ident>,
    /// What rustc must check because the derive cannot see it.
    pub(crate) probe: Option<Probe>,
    pub(crate) restarting: bool,
    pub(crate) auto_transition: bool,
    pub(crate) terminal: bool,
    pub(crate) levels: Levels,
    pub(crate) source: Source,
}

/// Where the parts of an event's rule are written, for what is to be said about them.
pub(crate) struct Source {
    pub(crate) follows: Option<Extent>,
    pub(crate) accumulate: TokenStream,
    /// What `requires` names, then the payload's own fields.
    pub(crate) fields: Vec<Ident>,
    pub(crate) restarting: Option<Ident>,
    pub(crate) auto_transition: Option<Ident>,
    pub(crate) terminal: Option<Ident>,
}

/// What the author says of every history, and where.
pub(crate) struct Invariant {
    pub(crate) claim: Claim,
    pub(crate) tokens: TokenStream,
}

pub(crate) enum Claim {
    Never(Formula<EventRef>),
    Always(Formula<EventRef>),
    Eventually(EventRef),
}

/// An event that a rule names: its position, and where it is named.
#[derive(Clone, Copy)]
pub(crate) struct EventRef {
    pub(crate) position: usize,
    pub(crate) span: Span,
}

/// Fields that a newtype variant's payload struct must have.
pub(crate) struct Probe {
    pub(crate) payload: Type,
    pub(crate) fields: Vec<Ident>,
}
