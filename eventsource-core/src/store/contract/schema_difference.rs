//! What the tables are, and what they would be.

use std::fmt;

/// Something of the schema that is not as a migration makes it.
///
/// ```
/// # use eventsource_core::{DifferenceKind, SchemaDifference};
/// fn is_urgent(difference: &SchemaDifference) -> bool {
///     matches!(difference.kind, DifferenceKind::Missing | DifferenceKind::Disabled)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaDifference {
    /// What it is.
    pub object: SchemaObject,
    /// The table that it is of, or its own name if it is of none.
    pub table: String,
    /// Its name; of a right who has it to do what, such as `INSERT (seq) to task_app`.
    pub name: String,
    /// What is wrong with it.
    pub kind: DifferenceKind,
}

/// What a schema is made of.
///
/// ```
/// assert_eq!(eventsource_core::SchemaObject::Trigger.to_string(), "trigger");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SchemaObject {
    /// A table or a partition of one.
    EntityContext,
    /// A sequence.
    Sequence,
    /// A view.
    View,
    /// A column of a table.
    Column,
    /// A constraint of a table.
    Constraint,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
    /// A function that a trigger calls.
    Function,
    /// A right of a role.
    Right,
}

/// What is wrong with something of the schema.
///
/// ```
/// # use eventsource_core::DifferenceKind;
/// assert_eq!(DifferenceKind::Disabled.to_string(), "is switched off");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It is there and is another.
    #[error("is `{actual}`, expected `{expected}`")]
    Different {
        /// As a migration makes it, in the database's words.
        expected: String,
        /// As it is.
        actual: String,
    },
    /// It is there and enforces nothing.
    #[error("is switched off")]
    Disabled,
    /// A constraint was never judged of the rows that are there, or an index does not have them all.
    #[error("is not valid for the rows that are there")]
    NotValidated,
    /// A right that nobody should have.
    #[error("is there and should not be")]
    Unexpected,
}

impl fmt::Display for SchemaObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EntityContext => "table",
            Self::Sequence => "sequence",
            Self::View => "view",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::Function => "function",
            Self::Right => "right",
        })
    }
}

impl fmt::Display for SchemaDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            table,
            name,
            kind,
        } = self;
        if table == name {
            write!(f, "{object} {name} {kind}")
        } else {
            write!(f, "{object} {name} of {table} {kind}")
        }
    }
}
