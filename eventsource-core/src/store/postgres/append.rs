//! Appending: one statement where that is enough, a transaction where it is not; again where another
//! try can help.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::errors::{self, is_check_violation, is_lost, is_race};
use super::group::Group;
use super::judged::{Found, Verdict};
use super::pool::Pool;
use super::prepared::Prepared;
use super::{again, read, transaction};
use crate::Error;
use crate::store::backend::Table;
use crate::store::plan::{check_expected, plan};
use crate::store::row::{Outcome, Request};
use backon::Retryable;
use chrono::{DateTime, Utc};

/// Why one try did not append.
pub(super) enum Try {
    /// It ran into another transaction and may be run again.
    Raced(Error),
    /// The connection is gone, and with it the answer: the events may have been stored.
    Lost(Error),
    Failed(Error),
}

impl From<Error> for Try {
    fn from(error: Error) -> Self {
        if again::is_lost(&error) {
            Self::Lost(error)
        } else {
            Self::Failed(error)
        }
    }
}

impl From<sqlx::Error> for Try {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<sqlx::Error>> for Try {
    fn from(error: Arc<sqlx::Error>) -> Self {
        // After the last try the caller is told to come again.
        if is_lost(&error) {
            Self::Lost(Error::Unavailable {
                source: Box::new(error),
            })
        } else if is_race(&error) {
            Self::Raced(Error::Unavailable {
                source: Box::new(error),
            })
        } else {
            Self::Failed(errors::shared(error))
        }
    }
}

/// What was written satisfies the program's rules; if not the table's, those are others by now.
pub(super) fn not_inserted(error: impl Into<Arc<sqlx::Error>>, table: &Table) -> Try {
    let error = error.into();
    if is_check_violation(&error) {
        Try::Failed(Error::RulesChanged {
            entity: table.names.entity(),
        })
    } else {
        error.into()
    }
}

pub(super) async fn append(
    pool: &Pool,
    group: &Arc<Group>,
    table: &Table,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Outcome, Error> {
    let prepared = Prepared::of(table, request, now).map(Arc::new);
    let unknown = AtomicBool::new(false);
    let attempt = || async {
        // An answer that was lost is looked for first: the events are stored at most once.
        if unknown.load(Ordering::Relaxed)
            && let Some(outcome) = read::stored(pool, table, request).await?
        {
            return Ok(outcome);
        }
        let tried = match &prepared {
            Some(prepared) => match in_one_statement(group, table, request, prepared).await {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) => {
                    let unknown = unknown.load(Ordering::Relaxed);
                    transaction::append(pool, table, request, now, unknown).await
                }
                Err(error) => Err(error),
            },
            None => {
                let unknown = unknown.load(Ordering::Relaxed);
                transaction::append(pool, table, request, now, unknown).await
            }
        };
        match tried {
            Err(Try::Lost(_)) => unknown.store(true, Ordering::Relaxed),
            // It may be our own events that are in the way.
            Err(Try::Failed(_)) if unknown.load(Ordering::Relaxed) => {
                if let Some(outcome) = read::stored(pool, table, request).await? {
                    return Ok(outcome);
                }
            }
            _ => {}
        }
        tried
    };
    attempt
        .retry(again::backoff(pool))
        .when(|tried| !matches!(tried, Try::Failed(_)))
        .await
        .map_err(|(Try::Raced(error) | Try::Lost(error) | Try::Failed(error))| error)
}

/// `None` if the statement stored nothing and a transaction is to answer: the key was there, or the
/// statement did not know the state that it found, which no history leads to unless it is that of other
/// rules.
async fn in_one_statement(
    group: &Arc<Group>,
    table: &Table,
    request: &Request,
    prepared: &Arc<Prepared>,
) -> Result<Option<Outcome>, Try> {
    let verdict = group
        .judge(Arc::clone(prepared))
        .await
        .map_err(|error| not_inserted(error, table))?;
    let head_row = |head: Option<Found>| {
        let head = head.map(|head| head.head_row(prepared.entity_id, table));
        head.transpose()
    };
    let part = request.parts.first();
    let part = part.ok_or_else(|| Error::database("an append of no entity"))?;
    match verdict {
        Verdict::Stored(stored) => {
            let course = stored.course;
            let course =
                course.ok_or_else(|| Error::database("events were stored without a course"))?;
            let head = head_row(stored.head)?;
            let rows = stored
                .part
                .rows(course, head.as_ref(), &stored.clocks, stored.steps)?;
            Ok(Some(Outcome {
                rows,
                replayed: false,
            }))
        }
        Verdict::Refused(head) => {
            // The planner knows how to say why.
            let head = head_row(head)?;
            let (metadata, now) = (&request.metadata, prepared.now);
            plan(&table.rules, head.as_ref(), part, metadata, now)?;
            Ok(None)
        }
        Verdict::Passed(actual) => {
            check_expected(&table.rules, part, actual)?;
            Ok(None)
        }
        Verdict::Repeated => Ok(None),
    }
}
