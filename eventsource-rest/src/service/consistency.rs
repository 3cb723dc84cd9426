//! Checks that the parts of a service fit together.

use std::collections::BTreeSet;

use super::builder::Service;
use super::error::BuildError;
use super::mounted::{RegisteredCheck, RegisteredCommand};
use crate::openapi::ViewDescription;

impl Service {
    /// Checks that the machines, checks and options fit together.
    pub(super) fn check_consistency(&self) -> Result<(), BuildError> {
        let mut entities = BTreeSet::new();
        // The service itself serves the rules of all machines at this path.
        let mut paths = BTreeSet::from(["/api/v1/machine".to_owned()]);
        if !self.views.is_empty() {
            paths.insert("/api/v1/view".to_owned());
        }
        #[cfg(feature = "runtime")]
        if self.runtime.is_some() {
            if self.authenticator.is_none() {
                return Err(BuildError::NoOperator);
            }
            paths.insert("/api/v1/runtime".to_owned());
        }
        for machine in &self.machines {
            let entity = machine.entity();
            if !entities.insert(entity) {
                return Err(BuildError::DuplicateMachine { entity });
            }
            for path in [
                format!("/api/v1/{entity}"),
                format!("/api/v1/{entity}_event"),
            ] {
                if !paths.insert(path.clone()) {
                    return Err(BuildError::PathTaken { entity, path });
                }
            }
            let mut rules = machine.machine().rules();
            let restricted = rules.find(|(_, rule)| !rule.roles.is_empty());
            if let (Some((event, _)), None) = (restricted, &self.authenticator) {
                let event_type = machine.machine().name_of(event).to_owned();
                return Err(BuildError::NoAuthenticator { entity, event_type });
            }
            let mut rules = machine.machine().rules();
            let has_readers = !machine.machine().readers().is_empty()
                || rules.any(|(_, rule)| !rule.readers.is_empty());
            if has_readers && self.authenticator.is_none() {
                return Err(BuildError::NoReader { entity });
            }
        }
        let is_mounted = |check: &&RegisteredCheck| {
            let mut machines = self.machines.iter();
            machines.any(|machine| machine.event() == check.event)
        };
        if let Some(check) = self.checks.iter().find(|check| !is_mounted(check)) {
            return Err(BuildError::UnknownMachine {
                entity: check.entity,
            });
        }
        self.check_commands()?;
        self.check_views()
    }

    /// Checks that each view has a name of its own, and readers that can be told.
    fn check_views(&self) -> Result<(), BuildError> {
        let mut names = BTreeSet::new();
        for view in &self.views {
            let ViewDescription {
                name, is_public, ..
            } = view.description();
            if !is_path_name(name) {
                return Err(BuildError::ViewName { view: name });
            }
            if !names.insert(name) {
                return Err(BuildError::DuplicateView { view: name });
            }
            if !is_public && self.authenticator.is_none() {
                return Err(BuildError::NoViewReader { view: name });
            }
        }
        Ok(())
    }

    /// Checks that each command is of a mounted machine, and has a name of its own that fits in a path.
    fn check_commands(&self) -> Result<(), BuildError> {
        let mut names = BTreeSet::new();
        for RegisteredCommand {
            event,
            entity,
            name,
            ..
        } in &self.commands
        {
            let mut machines = self.machines.iter();
            if !machines.any(|machine| machine.event() == *event) {
                return Err(BuildError::UnknownMachine { entity });
            }
            if !is_path_name(name) {
                return Err(BuildError::CommandName { entity, name });
            }
            if !names.insert((entity, name)) {
                return Err(BuildError::DuplicateCommand { entity, name });
            }
        }
        Ok(())
    }
}

/// Returns whether a name can stand in a path as it is.
fn is_path_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=63).contains(&name.len()) && name.bytes().all(is_plain)
}
