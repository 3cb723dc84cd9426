//! Steps of a migration, from the registered rules to those of the program.

use crate::Error;
use crate::store::contract::migration::{COUNTED, Migration, MigrationSteps};
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::rules::checks::{Columns, generation_check, required_checks, rules_check};

impl Migration {
    /// Returns the steps from the `registered` rules to those of the program; `None` if there are
    /// none.
    ///
    /// `columns` is the way in which the conditions of the constraints name the columns.
    pub(crate) fn steps(
        &self,
        registered: Option<&SchemaVersion>,
        columns: Columns,
    ) -> Result<Option<MigrationSteps>, Error> {
        let fingerprint = self.machine.fingerprint().to_string();
        let counter = self.counts && !registered.is_some_and(|registered| registered.counts);
        if registered.is_some_and(|registered| registered.counts && !self.counts) {
            return Err(self.refused(COUNTED));
        }
        if registered.is_some_and(|registered| registered.fingerprint == fingerprint) && !counter {
            return Ok(None);
        }
        let removed: Vec<&str> = registered
            .map_or(&[][..], |registered| &registered.codes)
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| self.machine.index_of(name).is_none())
            .collect();
        if !removed.is_empty() {
            return Err(self.refused(format!(
                "the database has event types that the program lacks ({}): keep them in the enum, a \
                 renamed variant with `rename = \"..\"`; or the program is older than the database",
                removed.join(", ")
            )));
        }
        let known = registered.map_or(&[][..], |registered| &registered.codes);
        let (codes, new) = self.assign(known)?;
        let mut checks = vec![
            (
                "rules".to_owned(),
                rules_check(self.machine, &codes, columns),
            ),
            (
                "version".to_owned(),
                generation_check(self.machine, &codes, columns),
            ),
        ];
        for (field, condition) in required_checks(self.machine, &codes, columns) {
            checks.push((format!("requires_{field}"), condition));
        }
        Ok(Some(MigrationSteps {
            #[cfg(feature = "sqlite")]
            create: registered.is_none(),
            codes,
            new_event_types: new,
            checks,
            counter,
            fingerprint,
            rules: self.machine.to_spec().without_reading(),
        }))
    }

    /// Returns the steps to the rules of the program, also if they are registered already.
    pub(crate) fn steps_from_any_rules(
        &self,
        registered: &SchemaVersion,
        columns: Columns,
    ) -> Result<MigrationSteps, Error> {
        let without_rules = SchemaVersion {
            fingerprint: String::new(),
            ..registered.clone()
        };
        let steps = self.steps(Some(&without_rules), columns)?;
        // Never `None`: the fingerprints differ.
        steps.ok_or_else(|| self.refused("the rules have no fingerprint"))
    }

    /// Returns the steps that would create the tables of a database with the program's rules.
    pub(crate) fn steps_from_scratch(
        &self,
        registered: SchemaVersion,
        columns: Columns,
    ) -> Result<MigrationSteps, Error> {
        let uncounted = SchemaVersion {
            counts: false,
            ..registered
        };
        self.steps_from_any_rules(&uncounted, columns)
    }
}
