//! Generations of read models: made beside the live one, switched to at once, and dropped.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::store::api::store::Store;
use crate::store::api::transaction::handle::Transaction;
use crate::store::api::view::table::ViewTable;
use crate::store::contract::cause::database_error;
use crate::store::contract::dialect::Dialect;
use crate::store::contract::names::{literal, quoted};
use crate::store::contract::tables::Tables;
use crate::store::database::Database;
use crate::{Error, InputProblem, InvalidInput, Projection, View};

/// Read model as its generations are made: name, version, tables, and the machines that it reads.
///
/// ```no_run
/// # use eventsource_core::{Error, Model, Store, View};
/// # async fn example<Day: View>(store: Store) -> Result<(), Error> {
/// let model = Model::view::<Day>().reads("task");
/// let generation = store.create_generation(&model, 1).await?;
/// // .. fill it ..
/// store.switch_generation(model.name(), generation).await?;
/// # Ok(())
/// # }
/// ```
pub struct Model<'m> {
    name: &'static str,
    version: u32,
    kind: &'static str,
    reads: Vec<String>,
    schema: Box<dyn Fn(&Tables) -> String + Send + Sync + 'm>,
}

impl Model<'_> {
    /// Returns the model of a view that catches up with the feed.
    #[must_use]
    pub fn view<V: View>() -> Self {
        Self {
            name: V::NAME,
            version: V::VERSION,
            kind: "view",
            reads: Vec::new(),
            schema: Box::new(ViewTable::<V>::schema),
        }
    }

    /// Adds a machine that the model reads, by the name of its entity type.
    #[must_use]
    pub fn reads(mut self, entity: impl Into<String>) -> Self {
        self.reads.push(entity.into());
        self
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }
}

impl<'m> Model<'m> {
    /// Returns the model of a projection that catches up with the feed.
    #[must_use]
    pub fn projection<P: Projection>(projection: &'m P) -> Self {
        Self {
            name: P::NAME,
            version: P::VERSION,
            kind: "projection",
            reads: Vec::new(),
            schema: Box::new(|tables| projection.schema(tables)),
        }
    }
}

impl std::fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("kind", &self.kind)
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}

/// Generation of a read model, as it is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generation {
    /// Number of the generation, from 1.
    pub generation: u32,
    /// Version of the program that fills it.
    pub version: u32,
    /// Number of its shards.
    pub shards: u16,
    /// Whether it is the live one.
    pub is_live: bool,
    /// Whether it is being built, and lacks rows.
    pub is_building: bool,
    /// Time at which it was created.
    pub created_at: DateTime<Utc>,
}

/// Most shards of a model.
const MAX_SHARDS: u16 = 256;

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
    /// creates a table that is not named by [`Tables::name`].
    pub async fn create_generation(&self, model: &Model<'_>, shards: u16) -> Result<u32, Error> {
        check(model, shards)?;
        let mut transaction = self.begin().await?;
        let created = self.create(&mut transaction, model, shards).await;
        let generation = created.map_err(|error| self.of_rights(model, error))?;
        transaction.commit().await?;
        Ok(generation)
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
WHERE s.name = $1 ORDER BY g.generation DESC";
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

    /// Creates a generation within a transaction.
    async fn create(
        &self,
        transaction: &mut Transaction<'_>,
        model: &Model<'_>,
        shards: u16,
    ) -> Result<u32, Error> {
        let now = Utc::now();
        let version = i64::from(model.version);
        let machines = model.reads.iter();
        let reads: Map<String, Value> = machines.map(|name| (name.clone(), Value::Null)).collect();
        let insert = "INSERT INTO {eventsource_subscription}
    (name, kind, version, generation, shards, reads, settings, created_at)
VALUES ($1, $2, $3, 0, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING";
        let row = (
            model.name,
            model.kind,
            version,
            shards.cast_signed(),
            Value::Object(reads),
            json!({}),
            now,
        );
        transaction.execute(insert, row).await?;
        // Others who create one wait here.
        let lock = match transaction.dialect() {
            Dialect::Postgres => " FOR UPDATE",
            Dialect::Sqlite => "",
        };
        let select = format!(
            "SELECT kind, generation FROM {{eventsource_subscription}} WHERE name = $1{lock}"
        );
        let rows = transaction.fetch(&select, (model.name,)).await?;
        let row = rows
            .first()
            .ok_or_else(|| Error::database("a row is gone"))?;
        let (kind, live): (String, i32) = (row.get(0)?, row.get(1)?);
        if kind != model.kind {
            return Err(refused(
                model,
                format!("its name is that of a subscription of the kind '{kind}'"),
            ));
        }
        let building = "SELECT generation FROM {eventsource_generation} AS g
WHERE subscription = $1 AND version = $2 AND generation <> $3 AND EXISTS (
    SELECT 1 FROM {eventsource_shard} AS h WHERE h.subscription = g.subscription
        AND h.generation = g.generation AND h.building)
ORDER BY generation DESC LIMIT 1";
        let args = (model.name, version, i64::from(live));
        if let Some(row) = transaction.fetch(building, args).await?.first() {
            return Ok(row.get::<i32>(0)?.unsigned_abs());
        }
        let last = "SELECT max(generation) FROM {eventsource_generation} WHERE subscription = $1";
        let rows = transaction.fetch(last, (model.name,)).await?;
        let last: Option<i32> = rows.first().map_or(Ok(None), |row| row.get(0))?;
        let generation = last.unwrap_or_default().max(live).unsigned_abs() + 1;
        let tables = self.create_tables(transaction, model, generation).await?;
        let insert = format!(
            "INSERT INTO {{eventsource_generation}}
    (subscription, generation, version, tables, created_at) VALUES ($1, $2, $3, {}, $4)",
            list(transaction.dialect(), &tables)
        );
        let number = i64::from(generation);
        let row = (model.name, number, version, now);
        transaction.execute(&insert, row).await?;
        let is_first = live == 0;
        for shard in 0..shards {
            let insert = "INSERT INTO {eventsource_shard}
    (subscription, generation, shard, moved_at, building) VALUES ($1, $2, $3, $4, $5)";
            let row = (model.name, number, shard.cast_signed(), now, !is_first);
            transaction.execute(insert, row).await?;
        }
        if is_first {
            switch(transaction, model.name, generation).await?;
        }
        Ok(generation)
    }

    /// Creates the tables of a generation, and grants the rights to them; returns their names.
    async fn create_tables(
        &self,
        transaction: &mut Transaction<'_>,
        model: &Model<'_>,
        generation: u32,
    ) -> Result<Vec<String>, Error> {
        let own = transaction.tables().clone();
        let tables = own.of_generation(generation);
        let before = relations(transaction).await?;
        let schema = (model.schema)(&tables);
        transaction.scope(tables, None);
        let done = transaction.execute_all(&schema).await;
        transaction.scope(own.clone(), None);
        done?;
        let mut created = relations(transaction).await?;
        created.retain(|relation| !before.contains(relation));
        let suffix = format!("__{generation}");
        let named = |name: &str| name.ends_with(&suffix);
        let mut of_people = created.iter().filter(|(_, kind)| kind != "S");
        if let Some((name, _)) = of_people.find(|(name, _)| !named(name)) {
            return Err(refused(
                model,
                format!("its schema creates '{name}', which `Tables::name` does not name"),
            ));
        }
        if own.dialect() == Dialect::Postgres {
            for (name, kind) in &created {
                let grants = self.grants(&own.name(name), kind);
                transaction.execute_all(&grants).await?;
            }
        }
        created.retain(|(_, kind)| matches!(kind.as_str(), "r" | "p" | "table"));
        Ok(created.into_iter().map(|(name, _)| name).collect())
    }

    /// Returns the SQL that lets the worker write a table or sequence, and all roles read it.
    fn grants(&self, relation: &str, kind: &str) -> String {
        let roles = &self.tables.roles;
        let (object, writes) = match kind {
            "S" => ("SEQUENCE", "SELECT, USAGE"),
            _ => ("TABLE", "SELECT, INSERT, UPDATE, DELETE"),
        };
        let readers = [&roles.writer, &roles.reader].into_iter().flatten();
        let mut sql = String::new();
        for role in readers {
            let role = quoted(role);
            sql += &format!("GRANT SELECT ON {object} {relation} TO {role};\n");
        }
        let worker = roles.worker.as_ref().or(roles.writer.as_ref());
        if let Some(worker) = worker {
            let worker = quoted(worker);
            sql += &format!("GRANT {writes} ON {object} {relation} TO {worker};\n");
        }
        sql
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

/// Checks what does not depend on the database.
fn check(model: &Model<'_>, shards: u16) -> Result<(), InvalidInput> {
    let is_name = model.name.len() <= 48
        && model
            .name
            .starts_with(|first: char| first.is_ascii_lowercase())
        && model
            .name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if !is_name {
        let input = format!("the name '{}' of a read model", model.name);
        return Err(InvalidInput::new(input, InputProblem::NoName));
    }
    if !shards.is_power_of_two() || shards > MAX_SHARDS {
        let input = format!("the number of shards, {shards},");
        return Err(InvalidInput::new(input, InputProblem::NoPowerOfTwo));
    }
    Ok(())
}

fn refused(model: &Model<'_>, reason: String) -> Error {
    Error::MigrationRefused {
        entity: model.name,
        reason,
    }
}

/// Makes a generation the live one.
async fn switch(
    transaction: &mut Transaction<'_>,
    name: &str,
    generation: u32,
) -> Result<(), Error> {
    let number = i32::try_from(generation).unwrap_or(i32::MAX);
    if transaction.dialect() == Dialect::Postgres {
        let switch = "SELECT {eventsource_switch}($1, $2)";
        return transaction.fetch(switch, (name, number)).await.map(drop);
    }
    let select = "SELECT version, tables FROM {eventsource_generation}
WHERE subscription = $1 AND generation = $2";
    let rows = transaction.fetch(select, (name, number)).await?;
    let Some(row) = rows.first() else {
        let none = format!("the read model '{name}' has no generation {generation}");
        return Err(Error::database(none));
    };
    let (version, tables): (i64, Value) = (row.get(0)?, row.get(1)?);
    let update = "UPDATE {eventsource_subscription} SET generation = $2, version = $3,
    shards = (SELECT max(1, count(*)) FROM {eventsource_shard}
        WHERE subscription = $1 AND generation = $2) WHERE name = $1";
    transaction.execute(update, (name, number, version)).await?;
    let update = "UPDATE {eventsource_shard} SET building = 0
WHERE subscription = $1 AND generation = $2 AND building";
    transaction.execute(update, (name, number)).await?;
    for stored in names(&tables) {
        let Some((shown, _)) = stored.rsplit_once("__") else {
            continue;
        };
        let others = "SELECT 1 FROM sqlite_master WHERE name = $1 AND type <> 'trigger'
    AND (type <> 'view' OR sql NOT LIKE '%-- the live rows of ' || $2)";
        if !transaction.fetch(others, (shown, name)).await?.is_empty() {
            continue;
        }
        let (view, stored) = (quoted(shown), quoted(stored));
        let replace = format!(
            "DROP VIEW IF EXISTS {view};
CREATE VIEW {view} AS SELECT * FROM {stored} -- the live rows of {name}
;"
        );
        transaction.execute_all(&replace).await?;
    }
    Ok(())
}

/// Drops a generation that is neither live nor processed.
async fn retire(
    transaction: &mut Transaction<'_>,
    name: &str,
    generation: u32,
) -> Result<bool, Error> {
    let number = i32::try_from(generation).unwrap_or(i32::MAX);
    if transaction.dialect() == Dialect::Postgres {
        let retire = "SELECT {eventsource_retire}($1, $2)";
        let rows = transaction.fetch(retire, (name, number)).await?;
        return rows.first().map_or(Ok(false), |row| row.get(0));
    }
    let used = "SELECT 1 FROM {eventsource_subscription} WHERE name = $1 AND generation = $2
UNION ALL SELECT 1 FROM {eventsource_shard} AS h JOIN {eventsource_worker} AS w ON w.id = h.owner
    WHERE h.subscription = $1 AND h.generation = $2
        AND w.seen_at > strftime('%Y-%m-%dT%H:%M:%f', 'now', '-60 seconds')";
    if !transaction.fetch(used, (name, number)).await?.is_empty() {
        return Ok(false);
    }
    let select = "SELECT tables FROM {eventsource_generation}
WHERE subscription = $1 AND generation = $2";
    let rows = transaction.fetch(select, (name, number)).await?;
    for row in &rows {
        for stored in names(&row.get(0)?) {
            let drop = format!("DROP TABLE IF EXISTS {}", quoted(stored));
            transaction.execute_all(&drop).await?;
        }
    }
    for table in ["eventsource_shard", "eventsource_generation"] {
        let delete = format!("DELETE FROM {table} WHERE subscription = $1 AND generation = $2");
        transaction.execute(&delete, (name, number)).await?;
    }
    Ok(true)
}

/// Returns the names of a list of SQLite.
fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Returns names as the table of generations keeps them, as SQL.
fn list(dialect: Dialect, names: &[String]) -> String {
    match dialect {
        Dialect::Sqlite => literal(&json!(names).to_string()),
        Dialect::Postgres => {
            let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
            format!("ARRAY[{}]::text[]", names.join(", "))
        }
    }
}

/// Returns the tables, views and sequences of the schema, with their kinds.
async fn relations(transaction: &mut Transaction<'_>) -> Result<Vec<(String, String)>, Error> {
    let schema = transaction.tables().schema().map(str::to_owned);
    let rows = match schema {
        None => {
            let select = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')
    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
            transaction.fetch(select, ()).await?
        }
        Some(schema) => {
            let select = "SELECT relname::text, relkind::text FROM pg_class
WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
    AND relkind IN ('r', 'p', 'v', 'm', 'S')";
            transaction.fetch(select, (schema,)).await?
        }
    };
    let mut relations = Vec::with_capacity(rows.len());
    for row in rows {
        relations.push((row.get(0)?, row.get(1)?));
    }
    Ok(relations)
}
