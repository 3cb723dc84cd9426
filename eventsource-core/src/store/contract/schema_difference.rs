//! Differences between the schema of a database and the one that a migration would create.

use std::fmt;

/// Object of the schema that differs from what a migration would create.
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
    /// Kind of the object.
    pub object: SchemaObject,
    /// Table or domain that the object belongs to, or its own name if it belongs to none.
    pub table: String,
    /// Name of the object; for a right its privilege and role, such as `INSERT (seq) to task_app`.
    pub name: String,
    /// Kind of difference.
    pub kind: DifferenceKind,
}

/// Kind of object in a schema.
///
/// ```
/// assert_eq!(eventsource_core::SchemaObject::Trigger.to_string(), "trigger");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SchemaObject {
    /// Table, or a partition of one.
    Table,
    /// Sequence.
    Sequence,
    /// View.
    View,
    /// Composite type.
    Type,
    /// Domain: a type with constraints.
    Domain,
    /// Column of a table.
    Column,
    /// Constraint of a table or a domain.
    Constraint,
    /// Index.
    Index,
    /// Trigger.
    Trigger,
    /// Function that a trigger or a program calls.
    Function,
    /// Right of a role.
    Right,
}

/// Kind of difference between an object and what a migration would create.
///
/// ```
/// # use eventsource_core::DifferenceKind;
/// assert_eq!(DifferenceKind::Disabled.to_string(), "is switched off");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// Object that does not exist.
    #[error("is missing")]
    Missing,
    /// Object with another definition.
    #[error("is `{actual}`, expected `{expected}`")]
    Different {
        /// Definition that a migration would create, as the database writes it.
        expected: String,
        /// Definition in the database.
        actual: String,
    },
    /// Constraint or trigger that is disabled.
    #[error("is switched off")]
    Disabled,
    /// Constraint that was not checked for existing rows, or index that does not contain them all.
    #[error("is not validated for existing rows")]
    NotValidated,
    /// Right that a migration would not grant.
    #[error("is there and should not be")]
    Unexpected,
}

impl fmt::Display for SchemaObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Sequence => "sequence",
            Self::View => "view",
            Self::Type => "type",
            Self::Domain => "domain",
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
