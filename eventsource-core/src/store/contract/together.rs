//! Appends to several machines in one transaction, and conditions on other entities.

use std::sync::Arc;

use uuid::Uuid;

use crate::store::contract::companion::Companions;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::{AppendOutcome, KeyOf, Request};
use crate::{Error, Seq};

/// Append to one machine, with what is written with it.
#[derive(Debug)]
pub(crate) struct TogetherAppend {
    pub(crate) context: Arc<EntityContext>,
    pub(crate) companions: Companions,
    pub(crate) request: Request,
}

/// Condition that an entity has exactly this many events, at least one, and gets no other until the
/// transaction ends.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) context: Arc<EntityContext>,
    pub(crate) entity_id: Uuid,
    pub(crate) seq: Seq,
}

impl Given {
    /// Checks the condition.
    pub(crate) fn check(&self, actual: Seq) -> Result<(), Error> {
        if self.seq == actual {
            return Ok(());
        }
        let entity_id = self.entity_id.into();
        Err(Error::Conflict {
            entity_id,
            id: self.context.rules.id.format(entity_id),
            expected: self.seq,
            actual,
        })
    }
}

/// Returns the outcomes if all appends were stored now, or all before.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`] if only some were stored before: then the key was that of another
/// request.
pub(crate) fn all_alike(
    outcomes: Vec<AppendOutcome>,
    key: Option<KeyOf<'_>>,
) -> Result<Vec<AppendOutcome>, Error> {
    let replayed = outcomes.iter().filter(|outcome| outcome.replayed).count();
    match replayed == 0 || replayed == outcomes.len() {
        true => Ok(outcomes),
        false => Err(reused(key)),
    }
}

/// Creates the error of a key that another request has.
pub(crate) fn reused(key: Option<KeyOf<'_>>) -> Error {
    Error::IdempotencyKeyReused {
        key: key.map(|of| of.key.to_owned()).unwrap_or_default(),
    }
}
