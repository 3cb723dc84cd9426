//! Step of one machine: its tables and those of the copy.

use crate::Error;
use crate::store::contract::identifier::identifier;
use crate::store::contract::migration::{Migration, MigrationSteps};
use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::postgres::ddl::tables::partition_names;
use crate::store::rules::checks::Columns;
use crate::store::sql::statements::LOG_SEQ;

/// Step of one machine.
pub(crate) struct Step<'a> {
    pub(super) migration: &'a Migration,
    pub(super) registered: &'a SchemaVersion,
    /// From the registered rules to those of the program, which the copy enforces from the start.
    pub(super) steps: MigrationSteps,
    /// Migration of the copy, which is in a schema of its own.
    pub(super) scratch: Migration,
}

impl<'a> Step<'a> {
    pub(super) fn new(
        migration: &'a Migration,
        registered: &'a SchemaVersion,
    ) -> Result<Self, Error> {
        Ok(Self {
            migration,
            registered,
            steps: migration.steps_from_any_rules(registered, Columns::OfValue)?,
            scratch: scratch(migration),
        })
    }

    /// Returns an expression that makes the owner of the log the role of the transaction, so that
    /// what is made belongs to whom the tables belong.
    pub(super) fn as_owner(&self) -> String {
        format!(
            "set_config('role', pg_get_userbyid((SELECT relowner FROM pg_class WHERE oid = {}::regclass)), true)",
            literal(&self.migration.names.log())
        )
    }

    /// Returns the table that tells how far the copy has come.
    pub(super) fn progress(&self) -> String {
        progress(&self.scratch.names)
    }

    /// Returns the expression of the last log sequence that was drawn.
    pub(super) fn last_drawn(&self) -> String {
        format!(
            "(SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {})",
            self.migration.names.shared(LOG_SEQ)
        )
    }

    /// Returns the log and its partitions.
    pub(super) fn logs(&self) -> Vec<String> {
        tables(
            self.migration,
            self.migration.names.log_unquoted(),
            self.migration.names.log(),
        )
    }

    /// Returns the heads and their partitions.
    pub(super) fn heads(&self) -> Vec<String> {
        let names = &self.migration.names;
        tables(self.migration, names.entity().to_owned(), names.heads())
    }
}

/// Returns a table and its partitions.
pub(super) fn tables(migration: &Migration, unquoted: String, table: String) -> Vec<String> {
    let partitions = partition_names(&migration.names, &migration.options, unquoted);
    [table].into_iter().chain(partitions).collect()
}

/// Returns the table that tells how far the copy has come.
pub(super) fn progress(scratch: &Names) -> String {
    scratch.qualified(&scratch.of_log_unquoted("copied"))
}

/// Returns the migration with the names of the copy.
pub(super) fn scratch(migration: &Migration) -> Migration {
    let mut scratch = migration.clone();
    let schema = format!("{}_layout_2", migration.options.schema_or_public());
    scratch.options = scratch.options.schema(identifier(&schema));
    scratch.names = Names::of_tables(&scratch.options, migration.names.entity());
    scratch
}
