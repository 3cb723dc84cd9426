//! Request of several appends, and of conditions on other entities, in one transaction.

use std::sync::Arc;

use chrono::SubsecRound;

use crate::store::contract::driver::TogetherDriver;
use crate::store::contract::invalid_input::{InputProblem, InvalidInput};
use crate::store::contract::request::AppendOutcome;
use crate::store::contract::together::{Given, TogetherAppend};
use crate::store::database::on_database;
use crate::{EntityId, Error, Event, EventStore, Metadata, Seq, Store};

/// Creates a condition, with the store of its machine.
pub(crate) fn given<E: Event>(events: &EventStore<E>, id: EntityId, seq: Seq) -> (Store, Given) {
    let given = Given {
        context: Arc::clone(&events.context),
        entity_id: id.uuid(),
        seq,
    };
    (events.store.clone(), given)
}

/// Request of several appends in one transaction, as it is collected.
pub(crate) struct JointRequest<'a> {
    store: &'a Store,
    metadata: Metadata,
    appends: Vec<TogetherAppend>,
    given: Vec<Given>,
}

impl<'a> JointRequest<'a> {
    pub(crate) fn new(
        store: &'a Store,
        metadata: Metadata,
        given: Vec<(Store, Given)>,
    ) -> Result<Self, Error> {
        let mut joint = Self {
            store,
            metadata,
            appends: Vec::new(),
            given: Vec::new(),
        };
        joint.add_given(given)?;
        Ok(joint)
    }

    /// Adds conditions.
    pub(crate) fn add_given(&mut self, all: Vec<(Store, Given)>) -> Result<(), Error> {
        for (store, given) in all {
            let name = given.context.names.entity();
            self.check_store(&store, name)?;
            if given.seq == Seq::NO_STREAM {
                let input = format!("the given sequence of an entity of '{name}'");
                return Err(InvalidInput::new(input, InputProblem::WithoutEvents).into());
            }
            self.given.push(given);
        }
        Ok(())
    }

    /// Tells whether an append to this machine has been added.
    pub(crate) fn has(&self, machine: &str) -> bool {
        let mut appends = self.appends.iter();
        appends.any(|append| append.context.names.entity() == machine)
    }

    /// Returns what is set for all appends.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Adds an append.
    pub(crate) fn push(&mut self, append: TogetherAppend) {
        self.appends.push(append);
    }

    /// Stores all; returns the outcomes in the order in which they were added.
    pub(crate) async fn store(self) -> Result<std::vec::IntoIter<AppendOutcome>, Error> {
        let now = self.store.clock().now().trunc_subsecs(6);
        let (appends, given) = (self.appends, &self.given);
        let outcomes = on_database!(&self.store.database, backend => {
            backend.append_together(appends, given, now).await
        })?;
        Ok(outcomes.into_iter())
    }

    /// Refuses a handle of another store.
    pub(crate) fn check_store(&self, store: &Store, name: &str) -> Result<(), Error> {
        match self.store.database.is(&store.database) {
            true => Ok(()),
            false => {
                let input = format!("the handle of '{name}'");
                Err(InvalidInput::new(input, InputProblem::OfAnotherStore).into())
            }
        }
    }
}

/// Error of a driver that answers fewer appends than it was given.
pub(crate) fn unanswered() -> Error {
    Error::database("an append of several was not answered")
}
