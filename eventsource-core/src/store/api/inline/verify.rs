//! Comparison of an inline model with one that is filled anew from the log.

use crate::store::api::inline::fill::Filling;
use crate::store::api::inline::model::InlineModel;
use crate::store::api::transaction::handle::Transaction;
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
    /// Tables are compared as sets of rows, without columns of the type `json`, which no database
    /// compares.
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
        let fresh = self.fill().await?;
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
        let registered = self.read(&mut transaction, "").await?;
        let live = registered.map_or(0, |registered| registered.generation);
        self.write_rest(&mut transaction, fresh, after).await?;
        let mut found = InlineVerification::default();
        for table in self.tables_of(&mut transaction, fresh).await? {
            let suffix = format!("__{fresh}");
            let Some(table) = table.strip_suffix(&suffix) else {
                return Err(self.refused("a table has no generation in its name"));
            };
            let (kept, made) = (
                self.tables(live).name(table),
                self.tables(fresh).name(table),
            );
            found.wrong += count_except::<E, M, Kind>(&mut transaction, &kept, &made).await?;
            found.missing += count_except::<E, M, Kind>(&mut transaction, &made, &kept).await?;
            transaction
                .execute_all(&format!("DROP TABLE {made}"))
                .await?;
        }
        for table in ["eventsource_shard", "eventsource_generation"] {
            let delete =
                format!("DELETE FROM {{{table}}} WHERE subscription = $1 AND generation = $2");
            transaction.execute(&delete, (self.name, fresh)).await?;
        }
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

    /// Returns the names of the tables of a generation.
    async fn tables_of(
        &self,
        transaction: &mut Transaction<'_>,
        generation: i64,
    ) -> Result<Vec<String>, Error> {
        let list = match transaction.dialect() {
            Dialect::Sqlite => "tables",
            Dialect::Postgres => "to_json(tables)::text",
        };
        let select = format!(
            "SELECT {list} FROM {{eventsource_generation}}
WHERE subscription = $1 AND generation = $2"
        );
        let rows = transaction.fetch(&select, (self.name, generation)).await?;
        let Some(row) = rows.first() else {
            return Ok(Vec::new());
        };
        let list: String = row.get(0)?;
        serde_json::from_str(&list).map_err(|error| Error::database(error.to_string()))
    }
}

/// Counts the rows of one table that another one does not have.
async fn count_except<E: Event, M: InlineModel<E, Kind>, Kind>(
    transaction: &mut Transaction<'_>,
    one: &str,
    other: &str,
) -> Result<u64, Error> {
    let columns = M::COMPARED;
    let select = format!(
        "SELECT count(*) FROM (SELECT {columns} FROM {one} EXCEPT SELECT {columns} FROM {other}) AS row"
    );
    let rows = transaction.fetch(&select, ()).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
