//! Search over entities on Postgres.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::store::contract::as_of::AsOf;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::filters::EntityFilter;
use crate::store::contract::rows::HeadRow;
use crate::store::postgres::data_expression::value;
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::row::head_row;
use crate::store::sql::conditions::Dialect;
use crate::store::sql::entities;
use crate::{DataField, Error};

/// Reads a page of entities, and their total if the filter asks for it.
pub(crate) async fn entities(
    pool: &Pool,
    context: &EntityContext,
    filter: &EntityFilter,
) -> Result<(Vec<HeadRow>, Option<u64>), Error> {
    let mut query = entities::page::<PostgresDialect>(context, filter);
    let rows = query.build().fetch_all(pool).await.map_err(failed)?;
    let mut total = None;
    let mut heads = Vec::with_capacity(rows.len());
    for row in &rows {
        if filter.counted {
            let counted: i64 = row.try_get("total").map_err(failed)?;
            total = Some(counted.unsigned_abs());
            // An empty page has one row, with only the total.
            let id: Option<Uuid> = row.try_get("id").map_err(failed)?;
            if id.is_none() {
                continue;
            }
        }
        heads.push(head_row(row, context)?);
    }
    Ok((heads, total))
}

/// Parts of a search that differ between databases.
pub(crate) struct PostgresDialect;

impl Dialect for PostgresDialect {
    type Database = Postgres;

    const INDEXES_VALUES: bool = true;

    fn push_integer(query: &mut QueryBuilder<Postgres>, value: i64) {
        query.push_bind(value);
    }

    fn push_id(query: &mut QueryBuilder<Postgres>, value: Uuid) {
        query.push_bind(value);
    }

    fn push_time(query: &mut QueryBuilder<Postgres>, value: DateTime<Utc>) {
        query.push_bind(AsOf::bounded_time(value));
    }

    fn field_value(context: &EntityContext, field: &DataField, alias: &str) -> String {
        let value = value(&context.codes, field, &format!("{alias}."));
        format!("NULLIF({value}, 'null'::jsonb)")
    }

    fn push_sets(
        query: &mut QueryBuilder<Postgres>,
        context: &EntityContext,
        field: &DataField,
        wanted: &Value,
    ) {
        query.push(value(&context.codes, field, "e.")).push(" = ");
        query.push_bind(Json(wanted.clone()));
    }
}
