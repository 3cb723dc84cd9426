//! Makes generations of read models: their rows, their tables, and the rights to them.

use chrono::Utc;
use serde_json::{Map, Value, json};

use crate::store::api::generations::model::Model;
use crate::store::api::generations::switch::switch;
use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::dialect::Dialect;
use crate::store::contract::names::{literal, quoted};
use crate::store::contract::schema_options::Roles;
use crate::{Error, Position};

/// Model as its row says.
pub(crate) struct Registered {
    pub(crate) kind: String,
    /// Version of the live generation.
    pub(crate) version: i64,
    /// Live generation; 0 before the first one is.
    pub(crate) generation: i64,
    /// Machines that it reads.
    pub(crate) reads: Value,
}

/// What a generation is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be live at once.
    Live,
    /// To be live when it is level.
    Building,
    /// To be compared with the live one, and dropped.
    Comparison,
}

/// Version of generations that no program reads or fills: they are compared with live ones.
pub(crate) const OF_NO_PROGRAM: i64 = -1;

/// Makes the row of a model unless there is one, and locks it; others who make a generation wait.
pub(crate) async fn register(
    transaction: &mut Transaction<'_>,
    model: &Model<'_>,
    shards: u16,
) -> Result<Registered, Error> {
    let machines = model.reads.iter();
    let reads: Map<String, Value> = machines.map(|name| (name.clone(), Value::Null)).collect();
    let insert = "INSERT INTO {eventsource_subscription}
    (name, kind, version, generation, shards, reads, settings, created_at)
VALUES ($1, $2, $3, 0, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING";
    let row = (
        model.name,
        model.kind,
        i64::from(model.version),
        shards.cast_signed(),
        Value::Object(reads),
        json!({}),
        Utc::now(),
    );
    transaction.execute(insert, row).await?;
    let lock = match transaction.dialect() {
        Dialect::Postgres => " FOR UPDATE",
        Dialect::Sqlite => "",
    };
    let registered = registered(transaction, model.name, lock).await?;
    let registered = registered.ok_or_else(|| Error::database("a row is gone"))?;
    if registered.kind != model.kind {
        let kind = registered.kind;
        let reason = format!("its name is that of a subscription of the kind '{kind}'");
        return Err(refused(model, reason));
    }
    Ok(registered)
}

/// Reads the row of a model, with the clause that locks it if need be.
pub(crate) async fn registered(
    transaction: &mut Transaction<'_>,
    name: &str,
    lock: &str,
) -> Result<Option<Registered>, Error> {
    let select = format!(
        "SELECT kind, version, generation, reads FROM {{eventsource_subscription}}
WHERE name = $1{lock}"
    );
    let rows = transaction.fetch(&select, (name,)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(Registered {
        kind: row.get(0)?,
        version: row.get::<i32>(1)?.into(),
        generation: row.get::<i32>(2)?.into(),
        reads: row.get(3)?,
    }))
}

/// Returns the last generation of the model's version that is being built.
pub(crate) async fn building(
    transaction: &mut Transaction<'_>,
    model: &Model<'_>,
    live: &Registered,
) -> Result<Option<u32>, Error> {
    let select = "SELECT generation FROM {eventsource_generation} AS g
WHERE subscription = $1 AND version = $2 AND generation <> $3 AND EXISTS (
    SELECT 1 FROM {eventsource_shard} AS h WHERE h.subscription = g.subscription
        AND h.generation = g.generation AND h.building)
ORDER BY generation DESC LIMIT 1";
    let args = (model.name, i64::from(model.version), live.generation);
    let rows = transaction.fetch(select, args).await?;
    let generation: Option<i32> = rows.first().map(|row| row.get(0)).transpose()?;
    Ok(generation.map(i32::unsigned_abs))
}

/// Checks whether there is a generation of the model's version.
pub(crate) async fn is_known(
    transaction: &mut Transaction<'_>,
    model: &Model<'_>,
) -> Result<bool, Error> {
    let select = "SELECT 1 FROM {eventsource_generation} WHERE subscription = $1 AND version = $2";
    let args = (model.name, i64::from(model.version));
    Ok(!transaction.fetch(select, args).await?.is_empty())
}

/// Makes the next generation of a model whose row is locked, and returns its number.
pub(crate) async fn create(
    transaction: &mut Transaction<'_>,
    roles: &Roles,
    model: &Model<'_>,
    live: &Registered,
    shards: u16,
    purpose: Purpose,
) -> Result<u32, Error> {
    let last = "SELECT max(generation) FROM {eventsource_generation} WHERE subscription = $1";
    let rows = transaction.fetch(last, (model.name,)).await?;
    let last: Option<i32> = rows.first().map_or(Ok(None), |row| row.get(0))?;
    let last = i64::from(last.unwrap_or_default()).max(live.generation);
    let generation = u32::try_from(last).unwrap_or_default() + 1;
    let tables = create_tables(transaction, roles, model, generation).await?;
    let insert = format!(
        "INSERT INTO {{eventsource_generation}}
    (subscription, generation, version, tables, created_at) VALUES ($1, $2, $3, {}, $4)",
        list(transaction.dialect(), &tables)
    );
    let version = match purpose {
        Purpose::Comparison => OF_NO_PROGRAM,
        Purpose::Live | Purpose::Building => i64::from(model.version),
    };
    let (number, now) = (i64::from(generation), Utc::now());
    let row = (model.name, number, version, now);
    transaction.execute(&insert, row).await?;
    let start = match purpose {
        Purpose::Live => model.start,
        Purpose::Building | Purpose::Comparison => Position::START,
    };
    let insert = "INSERT INTO {eventsource_shard}
    (subscription, generation, shard, position, moved_at, building)
VALUES ($1, $2, $3, $4, $5, $6)";
    for shard in 0..shards {
        let shard = shard.cast_signed();
        let is_building = purpose == Purpose::Building;
        let row = (model.name, number, shard, start, now, is_building);
        transaction.execute(insert, row).await?;
    }
    if purpose == Purpose::Live {
        switch(transaction, model.name, generation).await?;
    }
    Ok(generation)
}

/// Creates the tables of a generation, and grants the rights to them; returns their names.
async fn create_tables(
    transaction: &mut Transaction<'_>,
    roles: &Roles,
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
            let grants = grants(model, roles, &own.name(name), kind);
            transaction.execute_all(&grants).await?;
        }
    }
    created.retain(|(_, kind)| matches!(kind.as_str(), "r" | "p" | "table"));
    Ok(created.into_iter().map(|(name, _)| name).collect())
}

/// Returns the SQL that lets those who fill the model write a table or sequence, and all roles read it.
fn grants(model: &Model<'_>, roles: &Roles, relation: &str, kind: &str) -> String {
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
    let filled_by = match model.is_inline() {
        true => roles.writer.as_deref(),
        false => roles.worker_or_writer(),
    };
    if let Some(role) = filled_by {
        let role = quoted(role);
        sql += &format!("GRANT {writes} ON {object} {relation} TO {role};\n");
    }
    sql
}

fn refused(model: &Model<'_>, reason: String) -> Error {
    Error::MigrationRefused {
        entity: model.name,
        reason,
    }
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
