//! Input that a store refuses before it is sent to the database.

use std::fmt;

use crate::Seq;

/// Input that is refused in any state of the database.
///
/// A text that not every supported database can store, JSON that not every reader accepts, or a search
/// or import that contradicts itself.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Error, Event, InputProblem, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let lit = lights.append(EntityId::new(), LightEvent::Lit { watts: 60 });
/// let Err(Error::InvalidInput(invalid)) = lit.idempotency_key("").await else {
///     panic!("an idempotency key is not empty")
/// };
/// assert_eq!(invalid.problem, InputProblem::Empty);
/// assert_eq!(invalid.to_string(), "the idempotency key is empty");
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{input} {problem}")]
#[non_exhaustive]
pub struct InvalidInput {
    /// Input that is refused, such as `the idempotency key`.
    pub input: String,
    /// Reason for the refusal.
    pub problem: InputProblem,
}

impl InvalidInput {
    /// Creates the error for an input, such as `the idempotency key`.
    pub(crate) fn new(input: impl Into<String>, problem: InputProblem) -> Self {
        Self {
            input: input.into(),
            problem,
        }
    }
}

/// Reason why an input is refused.
///
/// ```
/// # use eventsource_core::InputProblem;
/// assert_eq!(InputProblem::TooLong { max_bytes: 255 }.to_string(), "is longer than 255 bytes");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputProblem {
    /// Text with the character U+0000, which Postgres cannot store.
    ContainsNul,
    /// Text without a character, where one is required.
    Empty,
    /// Text that is longer than allowed.
    TooLong {
        /// Maximum length, in bytes.
        max_bytes: usize,
    },
    /// List with more elements than allowed.
    TooMany {
        /// Maximum number of elements.
        max: usize,
    },
    /// Expected sequence that is given twice for one entity, with different numbers.
    Contradicts {
        /// Number that was given first.
        first: Seq,
        /// Number that was given later.
        second: Seq,
    },
    /// Value that is nested deeper than every reader accepts.
    NestedTooDeep {
        /// Deepest nesting that is accepted, that of the payload itself included.
        max_depth: usize,
    },
    /// Key that a JSON object has twice, of which readers would see one.
    DuplicateKey,
    /// Name that the database keeps for itself.
    ReservedName,
    /// Key that the JSON library gives a meaning of its own.
    ReservedKey,
    /// Field of the name of one that every event has beside its payload, such as `id`.
    NameOfEnvelope,
    /// Number that JSON has no text for: not a number, or an infinity.
    NotANumber,
    /// Number that not every reader can hold: an integer beyond 64 bits, or beyond a 64-bit float.
    NumberOutOfRange,
    /// Option with a value that JSON writes as it writes none, such as `Some(None)` or `Some(())`.
    NullInOption,
    /// Value of a view that serde does not read back from its JSON as it was.
    NotReadBack,
    /// Name of a read model that is not a lower-case letter, followed by at most 47 lower-case letters,
    /// digits and underscores.
    NoName,
    /// Number of shards that is no power of two, or more than 256.
    NoPowerOfTwo,
    /// Field of a view that has no index.
    NotIndexed,
    /// List or object, where a text, a number, a boolean or null is expected.
    NotScalar,
    /// Field that the data of the entity do not have.
    UnknownDataField,
    /// Cursor of a search that was ordered differently.
    CursorOfOtherOrder,
    /// Condition on an entity without events, which nobody can keep from beginning.
    WithoutEvents,
    /// Second append to one machine in a transaction over several: entities of one machine are named
    /// by one append.
    SecondOfMachine,
    /// Idempotency key of one append in a transaction over several: the key is that of the whole.
    KeyOfPart,
    /// Handle of another database, or of another connection to it, than the transaction is of.
    OfAnotherStore,
    /// Import that is both [exclusive](crate::Import::exclusive), which is one transaction, and in
    /// [chunks](crate::Import::commit_every), which are several.
    ExclusiveInChunks,
    /// [Exclusive](crate::Import::exclusive) import by a handle with inline models, which find the
    /// events by the indexes that it drops.
    ExclusiveWithModels,
    /// Command, or refusal, that serde cannot write as JSON.
    NotJson,
    /// Command to be executed later that creates its entity: nobody could tell the id now.
    CreatesLater,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContainsNul => f.write_str("has the character U+0000"),
            Self::Empty => f.write_str("is empty"),
            Self::NotJson => f.write_str("cannot be written as JSON"),
            Self::CreatesLater => {
                f.write_str("cannot create an entity later: name a new entity, or execute it now")
            }
            Self::TooLong { max_bytes } => write!(f, "is longer than {max_bytes} bytes"),
            Self::TooMany { max } => write!(f, "has more than {max} elements"),
            Self::Contradicts { first, second } => {
                write!(f, "is given as {first} and as {second}")
            }
            Self::NestedTooDeep { max_depth } => {
                write!(f, "is nested deeper than {max_depth} levels")
            }
            Self::DuplicateKey => f.write_str("is twice in one object"),
            Self::ReservedName => f.write_str("is a name that the database keeps for itself"),
            Self::ReservedKey => f.write_str("is a reserved name"),
            Self::NameOfEnvelope => {
                f.write_str("has the name of a field that every event has beside its payload")
            }
            Self::NotANumber => f.write_str("is not a number that JSON has"),
            Self::NumberOutOfRange => f.write_str("has a number that does not fit into 64 bits"),
            Self::NullInOption => {
                f.write_str("is an option with a value that JSON cannot tell from none")
            }
            Self::NotReadBack => f.write_str("is not equal to what serde reads back from its JSON"),
            Self::NoName => f.write_str(
                "is not a lower-case letter, followed by at most 47 lower-case letters, digits and \
                 underscores",
            ),
            Self::NoPowerOfTwo => f.write_str("is not a power of two, up to 256"),
            Self::NotIndexed => f.write_str("has no index: name it in `View::INDEXED`"),
            Self::NotScalar => f.write_str("is a list or an object"),
            Self::UnknownDataField => f.write_str("is not in the data of the entity"),
            Self::CursorOfOtherOrder => f.write_str("belongs to a search in another order"),
            Self::WithoutEvents => f.write_str(
                "is 0: an entity without events cannot be kept from beginning; append to it with that \
                 expected sequence",
            ),
            Self::SecondOfMachine => {
                f.write_str("is the second one to this machine: let one append name all entities")
            }
            Self::KeyOfPart => {
                f.write_str("has an idempotency key of its own: set one for the whole transaction")
            }
            Self::OfAnotherStore => f.write_str("was opened with another store"),
            Self::ExclusiveInChunks => f.write_str("is one transaction and cannot be in chunks"),
            Self::ExclusiveWithModels => f.write_str("cannot write inline models"),
        }
    }
}
