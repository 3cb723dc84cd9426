//! TODO

pub(crate) mod catalog;
pub(crate) mod checks;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod migration_steps;
pub(crate) mod payload_rules;
pub(crate) mod plan;
