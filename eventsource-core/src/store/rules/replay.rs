//! Comparison of a request with the one that used its idempotency key first.

use crate::store::contract::plan_rules::PlanRules;
use crate::store::contract::request::{Answered, AppendOutcome, Request};
use crate::store::contract::rows::StoredRow;
use crate::store::rules::sameness::is_same;
use crate::{Error, Seq};

/// Returns the events of the first request with an idempotency key, if the repeat equals it.
///
/// Payloads are compared as values ([`is_same`]).
///
/// # Errors
/// [`Error::IdempotencyKeyReused`] if the requests differ.
pub(crate) fn replay(
    rules: &PlanRules,
    request: &Request,
    answered: &[Answered],
    rows: Vec<StoredRow>,
) -> Result<AppendOutcome, Error> {
    let mut stored = answered
        .iter()
        .zip(&rows)
        .filter(|(answered, _)| answered.requested);
    let mut same = true;
    for part in &request.parts {
        // The id that the first request allocated, if this part creates an entity.
        let mut allocated = (!part.creates).then_some(part.entity_id);
        for event in &part.events {
            let Some((_, row)) = stored.next() else {
                same = false;
                break;
            };
            // An id is allocated together with the first event.
            same &= allocated.is_some() || row.seq == Seq::NO_STREAM.next();
            let entity_id = *allocated.get_or_insert(row.entity_id);
            same &= entity_id == row.entity_id && row.event_type == event.event_type;
            same = same && is_same(rules, event.event_type, &row.payload.0, &event.payload)?;
        }
    }
    same &= stored.next().is_none();
    if same {
        Ok(AppendOutcome {
            rows: rows.into_iter().map(|row| row.map_payload(Some)).collect(),
            replayed: true,
        })
    } else {
        Err(Error::IdempotencyKeyReused {
            key: request.metadata.idempotency_key.clone().unwrap_or_default(),
        })
    }
}
