//! Why a request was refused, as the planner says it.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::request::{AppendOutcome, Request};
use crate::store::contract::rows::HeadRow;
use crate::store::postgres::append::answer::RefusingHead;
use crate::store::postgres::append::repeat;
use crate::store::postgres::errors::failed;
use crate::store::postgres::pool::Pool;
use crate::store::postgres::read::row;
use crate::store::rules::plan::plan;
use crate::store::sql::statements;
use crate::{Error, Generation, Seq};

/// Returns the error of a request that a head refused.
///
/// [`Error::RulesChanged`] if the rules of this program accept it: those of the database are others.
pub(crate) fn of_head(
    context: &EntityContext,
    request: &Request,
    head: RefusingHead,
    now: DateTime<Utc>,
) -> Error {
    let changed = || Error::RulesChanged {
        entity: context.names.entity(),
    };
    let Some(part) = request.parts.get(head.entity) else {
        return changed();
    };
    let Ok(state) = row::state(head.state, context) else {
        return changed();
    };
    let found = (head.seq > 0).then(|| HeadRow {
        entity_id: part.entity_id,
        seq: Seq::new(head.seq.unsigned_abs()),
        generation: Generation::new(head.version.unsigned_abs()),
        state,
        // The planner asks for neither.
        last_event_type: part.events[0].event_type,
        last_event_id: Uuid::nil(),
        created_at: now,
        updated_at: now,
    });
    match plan(&context.rules, found.as_ref(), part, &request.metadata, now) {
        Err(error) => error,
        Ok(_) => changed(),
    }
}

/// Refuses a request that no state can take, with the error of its first part that the state refuses;
/// a key that is stored answers first.
///
/// # Errors
/// Always, unless the request is a repeat.
pub(crate) async fn of_unsendable(
    pool: &Pool,
    context: &EntityContext,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<AppendOutcome, Error> {
    if let Some(outcome) = repeat::replay(pool, context, request).await? {
        return Ok(outcome);
    }
    for part in &request.parts {
        let head = sqlx::query(AssertSqlSafe(statements::select_head(&context.names)))
            .bind(part.entity_id)
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
        let head = head.map(|head| row::head_row(&head, context)).transpose()?;
        plan(&context.rules, head.as_ref(), part, &request.metadata, now)?;
    }
    Err(Error::database("an event cannot be stored in any state"))
}
