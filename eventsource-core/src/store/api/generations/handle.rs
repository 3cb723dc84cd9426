//! Generations of read models, as a program makes, lists, switches to and drops them.

use crate::Error;
use crate::store::api::generations::create::{self, Purpose};
use crate::store::api::generations::model::{Generation, Model, check};
use crate::store::api::generations::switch::{retire, switch};
use crate::store::api::store::Store;
use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::cause::database_error;
use crate::store::database::Database;

impl Store {
    /// Creates the next generation of a read model, with its tables and its shards at the beginning of
    /// the feed, and returns its number; a generation of this version that is being built is returned
    /// instead.
    ///
    /// The first generation is live at once. It takes the rights of the owner of the tables.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for another role, [`Error::RuntimeNotMigrated`],
    /// [`Error::MigrationRefused`] if the name is that of another kind of subscription, or the schema
    /// creates a table that is not named by [`Tables::name`](crate::Tables::name).
    pub async fn create_generation(&self, model: &Model<'_>, shards: u16) -> Result<u32, Error> {
        let mut transaction = self.begin().await?;
        let created = self.create_generation_within(&mut transaction, model, shards);
        let generation = created.await?;
        transaction.commit().await?;
        Ok(generation)
    }

    /// Creates the next generation as [`create_generation`](Self::create_generation), in a transaction of
    /// one's own.
    ///
    /// # Errors
    /// As of [`create_generation`](Self::create_generation).
    pub async fn create_generation_within(
        &self,
        transaction: &mut Transaction<'_>,
        model: &Model<'_>,
        shards: u16,
    ) -> Result<u32, Error> {
        check(model, shards)?;
        let created = async {
            let live = create::register(transaction, model, shards).await?;
            if let Some(generation) = create::building(transaction, model, &live).await? {
                return Ok(generation);
            }
            let purpose = match live.generation {
                0 => Purpose::Live,
                _ => Purpose::Building,
            };
            let roles = &self.tables.roles;
            create::create(transaction, roles, model, &live, shards, purpose).await
        };
        created.await.map_err(|error| self.of_rights(model, error))
    }

    /// Creates the first generation of a read model, or that of a version for which there is none yet;
    /// does nothing if there is one, or the live one has a higher version.
    ///
    /// The first has `shards` shards, and is live at once; one of a higher version has
    /// `building_shards`, and is built beside the live one.
    ///
    /// # Errors
    /// As of [`create_generation`](Self::create_generation).
    pub async fn register_model(
        &self,
        model: &Model<'_>,
        shards: u16,
        building_shards: u16,
    ) -> Result<(), Error> {
        check(model, shards)?;
        check(model, building_shards)?;
        let mut transaction = self.begin().await?;
        let registered = async {
            let live = create::register(&mut transaction, model, shards).await?;
            let roles = &self.tables.roles;
            let (shards, purpose) = match live.generation {
                0 => (shards, Purpose::Live),
                _ if live.version >= i64::from(model.version()) => return Ok(()),
                _ if create::is_known(&mut transaction, model).await? => return Ok(()),
                _ => (building_shards, Purpose::Building),
            };
            let created =
                create::create(&mut transaction, roles, model, &live, shards, purpose).await;
            created.map(drop)
        };
        registered
            .await
            .map_err(|error| self.of_rights(model, error))?;
        transaction.commit().await
    }

    /// Creates a generation that no program reads, to [compare](Self::compare_generations) the live one
    /// with it; drop it by [`retire_generation`](Self::retire_generation).
    ///
    /// # Errors
    /// As of [`create_generation`](Self::create_generation).
    pub async fn create_comparison_within(
        &self,
        transaction: &mut Transaction<'_>,
        model: &Model<'_>,
        shards: u16,
    ) -> Result<u32, Error> {
        check(model, shards)?;
        let created = async {
            let live = create::register(transaction, model, shards).await?;
            let (roles, purpose) = (&self.tables.roles, Purpose::Comparison);
            create::create(transaction, roles, model, &live, shards, purpose).await
        };
        created.await.map_err(|error| self.of_rights(model, error))
    }

    /// Makes a generation the live one: readers of its version read it from now on, and the views for
    /// people, named like its tables without the generation, show it.
    ///
    /// # Errors
    /// [`Error::Database`] if there is no such generation.
    pub async fn switch_generation(&self, name: &str, generation: u32) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        switch(&mut transaction, name, generation).await?;
        transaction.commit().await
    }

    /// Drops the tables and shards of a generation; a live one, or one of which a worker has shards, is
    /// left alone. Returns whether it is gone.
    ///
    /// # Errors
    /// [`Error::Database`] if something of one's own depends on a table of it.
    pub async fn retire_generation(&self, name: &str, generation: u32) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let retired = retire(&mut transaction, name, generation).await?;
        transaction.commit().await?;
        Ok(retired)
    }

    /// Lists the generations of a read model, newest first; none before the first is created.
    ///
    /// # Errors
    /// [`Error::RuntimeNotMigrated`], [`Error::Unavailable`], [`Error::Database`].
    pub async fn generations(&self, name: &str) -> Result<Vec<Generation>, Error> {
        let mut transaction = self.begin_read().await?;
        let select = "SELECT g.generation, g.version, g.created_at, s.generation,
    (SELECT count(*) FROM {eventsource_shard} AS h
        WHERE h.subscription = s.name AND h.generation = g.generation),
    (SELECT count(*) FROM {eventsource_shard} AS h
        WHERE h.subscription = s.name AND h.generation = g.generation AND h.building)
FROM {eventsource_generation} AS g JOIN {eventsource_subscription} AS s ON s.name = g.subscription
WHERE s.name = $1 AND g.version >= 0 ORDER BY g.generation DESC";
        let rows = transaction.fetch(select, (name,)).await?;
        let mut generations = Vec::with_capacity(rows.len());
        for row in &rows {
            let (generation, version): (i32, i32) = (row.get(0)?, row.get(1)?);
            generations.push(Generation {
                generation: generation.unsigned_abs(),
                version: version.unsigned_abs(),
                shards: row.get::<i16>(4)?.unsigned_abs(),
                is_live: generation == row.get::<i32>(3)?,
                is_building: row.get::<i64>(5)? > 0,
                created_at: row.get(2)?,
            });
        }
        Ok(generations)
    }

    /// Converts the error of a statement for which the role may lack a right.
    fn of_rights(&self, model: &Model<'_>, error: Error) -> Error {
        let is_forbidden = database_error(&error).is_some_and(|error| match &self.database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(_) => crate::store::sqlite::errors::is_forbidden(error),
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => crate::store::postgres::errors::is_forbidden(error),
        });
        match is_forbidden {
            true => Error::NotPermitted {
                entity: model.name,
                source: Box::new(error),
            },
            false => error,
        }
    }
}
