//! Comparison of an inline model with one that is filled anew from the log.

use crate::store::api::generations::compare::compare;
use crate::store::api::generations::create::registered;
use crate::store::api::generations::switch::retire;
use crate::store::api::inline::fill::{Filling, number};
use crate::store::api::inline::model::InlineModel;
use crate::store::contract::dialect::Dialect;
use crate::{Error, Event, EventStore};

/// Rows by which an inline model differs from what its events make of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InlineVerification {
    /// Number of rows that the events do not make.
    pub wrong: u64,
    /// Number of rows that the events make, and that are not there as they should be.
    pub missing: u64,
}

impl InlineVerification {
    /// Returns whether the model holds what its events say.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        *self == Self::default()
    }
}

impl<E: Event> EventStore<E> {
    /// Fills an inline model anew beside the registered one, and compares the two.
    ///
    /// They differ where somebody has written the tables by SQL, or inserted events past the guard of
    /// the log, or where the model does not depend on its events alone. Appends wait while the last
    /// events are written and the tables are compared. The new tables are dropped again.
    ///
    /// Tables are compared as sets of rows, by the texts of their values.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Event, EventStore, Reads, view};
    /// # async fn example<E: Event, V: Reads<E>>(tasks: EventStore<E>) -> Result<(), Error> {
    /// let verification = tasks.verify_inline(&view::<V>()).await?;
    /// assert!(verification.is_valid(), "{verification:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`inline`](Self::inline); [`Error::MigrationRefused`] if this version of the model is not
    /// registered.
    pub async fn verify_inline<M, Kind>(&self, model: &M) -> Result<InlineVerification, Error>
    where
        M: InlineModel<E, Kind>,
        Kind: 'static,
    {
        Filling::new(self, model)?.verify().await
    }
}

impl<E: Event, M: InlineModel<E, Kind>, Kind: 'static> Filling<'_, E, M, Kind> {
    async fn verify(&self) -> Result<InlineVerification, Error> {
        self.live().await?;
        let fresh = self.fill(true).await?;
        let mut transaction = self.events.store.begin().await?;
        if transaction.dialect() == Dialect::Postgres {
            let log = self.events.context.names.log();
            let lock = "SET LOCAL statement_timeout = 0; LOCK TABLE";
            let lock = format!("{lock} {log} IN SHARE ROW EXCLUSIVE MODE");
            transaction.execute_all(&lock).await?;
        }
        let Some(after) = self.lock(&mut transaction, fresh).await? else {
            return Err(self.refused("another program verifies it or has replaced it: try again"));
        };
        let live = registered(&mut transaction, self.name, "").await?;
        let live = live.map_or(0, |live| live.generation);
        self.write_rest(&mut transaction, fresh, after).await?;
        let generations = (number(live), number(fresh));
        let found = compare(&mut transaction, self.name, generations, M::NOT_COMPARED).await?;
        retire(&mut transaction, self.name, number(fresh)).await?;
        let found = InlineVerification {
            wrong: found.unexpected,
            missing: found.missing,
        };
        transaction.commit().await?;
        Ok(found)
    }

    /// Returns the registered generation of this version.
    async fn live(&self) -> Result<i64, Error> {
        let registered = match self.registered().await {
            // A database without the table has no model either.
            Err(Error::RuntimeNotMigrated { .. }) => None,
            registered => registered?,
        };
        let registered = registered.filter(|found| found.version == self.version);
        match registered {
            Some(found) if found.generation > 0 => Ok(found.generation),
            _ => Err(self.refused("this version of it is not inline")),
        }
    }
}
