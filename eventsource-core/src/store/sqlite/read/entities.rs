//! Search over entities on SQLite.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{QueryBuilder, Row, Sqlite, SqlitePool};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::EntityFilter;
use crate::store::contract::rows::HeadRow;
use crate::store::sql::conditions::{self, Dialect};
use crate::store::sql::entities;
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::read::row::{head_row, time_text};
use crate::{DataField, Error};

/// Reads a page of entities, and their total if the filter asks for it.
pub(crate) async fn entities(
    pool: &SqlitePool,
    context: &EntityContext,
    filter: &EntityFilter,
) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
    let mut query = entities::page::<SqliteDialect>(context, filter);
    let rows = query.build().fetch_all(pool).await.map_err(failed)?;
    let mut total = None;
    let mut heads = Vec::with_capacity(rows.len());
    for row in &rows {
        if filter.counted {
            let counted: i64 = row.try_get("total").map_err(failed)?;
            total = Some(counted.unsigned_abs());
            // An empty page has one row, with only the total.
            let id: Option<Hyphenated> = row.try_get("id").map_err(failed)?;
            if id.is_none() {
                continue;
            }
        }
        heads.push(head_row(row, context)?);
    }
    Ok((heads, total))
}

/// Parts of a search that differ between databases.
pub(crate) struct SqliteDialect;

impl Dialect for SqliteDialect {
    type Database = Sqlite;

    const INDEXES_VALUES: bool = false;

    fn push_integer(query: &mut QueryBuilder<Sqlite>, value: i64) {
        query.push_bind(value);
    }

    fn push_id(query: &mut QueryBuilder<Sqlite>, value: Uuid) {
        query.push_bind(value.hyphenated());
    }

    fn push_time(query: &mut QueryBuilder<Sqlite>, value: DateTime<Utc>) {
        query.push_bind(time_text(AsOf::bounded_time(value)));
    }

    fn field_value(context: &EntityContext, field: &DataField, alias: &str) -> String {
        format!("NULLIF({}, 'null')", json(context, field, alias))
    }

    /// Adds the condition that an event gives the field this value.
    ///
    /// Texts are compared as JSON, which this crate writes in one way only; numbers as numbers,
    /// which JSON may write in several ways. A float is compared in both ways: SQLite reads the text of
    /// a large one as its neighbour.
    fn push_sets(
        query: &mut QueryBuilder<Sqlite>,
        context: &EntityContext,
        field: &DataField,
        wanted: &Value,
    ) {
        if let Some(integer) = wanted.as_i64() {
            query.push(number(context, field)).push(" = ");
            query.push_bind(integer);
        } else if let Some(float) = wanted.as_f64().filter(|_| wanted.is_f64()) {
            query.push("(").push(json(context, field, "e"));
            query.push(" = ").push_bind(wanted.to_string());
            query.push(" OR ").push(number(context, field));
            query.push(" = ").push_bind(float).push(")");
        } else {
            query.push(json(context, field, "e")).push(" = ");
            query.push_bind(wanted.to_string());
        }
    }
}

/// Returns the expression of the value as JSON text.
fn json(context: &EntityContext, field: &DataField, alias: &str) -> String {
    conditions::by_event_type(
        &context.codes,
        field,
        &format!("{alias}."),
        |name| match name {
            Some(name) => {
                let data = format!("{alias}.data");
                format!("({} -> {})", well_formed(&data), path(name))
            }
            None => format!("{alias}.data"),
        },
    )
}

/// Returns the expression of the value if it is a number, else NULL.
fn number(context: &EntityContext, field: &DataField) -> String {
    conditions::by_event_type(&context.codes, field, "e.", |name| match name {
        Some(name) => {
            let (data, path) = (well_formed("e.data"), path(name));
            format!(
                "CASE WHEN json_type({data}, {path}) IN ('integer', 'real') THEN e.data ->> {path} END"
            )
        }
        None => "NULL".to_owned(),
    })
}

/// Returns the expression of a payload that is NULL if it is malformed: a function of JSON would fail,
/// and the search of all entities with it.
fn well_formed(data: &str) -> String {
    format!("CASE WHEN json_valid({data}) THEN {data} END")
}

/// Returns the JSON path of a field as a literal.
fn path(name: &str) -> String {
    conditions::key(&format!("$.\"{name}\""))
}
