//! Transaction of the checkpoint, while events are delivered in it.

use std::sync::Arc;

use eventsource_core::{Dialect, Error, Failure};

use crate::contract::event::SourceEvent;
use crate::contract::stop::{Stop, is_of_database};
use crate::handler::delivery::Attempt;
use crate::handler::executor::work::Work;
use crate::handler::transaction::Lent;
use crate::subscription::shard::{Begun, Shard};

/// Transaction of a shard in which events are delivered; a failure rolls it back, with all that is in it.
pub(crate) struct Within {
    shard: Shard,
    begun: Option<Begun>,
    stop: Option<Stop>,
}

/// Marks where an event begins, on SQLite.
const SAVEPOINT: &str = "SAVEPOINT eventsource_delivery";

/// Ends what [`SAVEPOINT`] began.
const RELEASE: &str = "RELEASE eventsource_delivery";

/// Handler that has ended well, though its transaction cannot be committed.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("the handler has ended, and a task that it has begun still uses its transaction")]
    InUse,
    #[error("a statement of the handler has failed, and the handler did not return its error")]
    Aborted(#[source] Error),
}

impl Within {
    pub(crate) fn new(shard: &Shard) -> Self {
        Self {
            shard: shard.clone(),
            begun: None,
            stop: None,
        }
    }

    /// Returns the transaction, which begins if there is none.
    pub(crate) async fn begun(&mut self) -> Result<&mut Begun, Stop> {
        let begun = match self.begun.take() {
            Some(begun) => begun,
            None => self.shard.begin().await?,
        };
        Ok(self.begun.insert(begun))
    }

    /// Returns the transaction, unless it was rolled back.
    pub(crate) fn into_begun(self) -> Option<Begun> {
        self.begun
    }

    /// Takes what stops the shard; what was delivered last has failed because of that.
    pub(crate) fn take_stop(&mut self) -> Option<Stop> {
        self.stop.take()
    }

    /// Tries an event once.
    async fn deliver(
        &mut self,
        work: &Work,
        event: &Arc<SourceEvent>,
        number: u32,
    ) -> Result<(), Failure> {
        if let Err(stop) = self.begun().await {
            return Err(self.stopped(stop));
        }
        let Some(mut begun) = self.begun.take() else {
            return Ok(());
        };
        let is_sqlite = begun.transaction.dialect() == Dialect::Sqlite;
        if is_sqlite && let Err(error) = begun.transaction.execute_all(SAVEPOINT).await {
            return Err(self.stopped(Stop::Store(error)));
        }
        let tables = begun.transaction.tables().clone();
        begun.transaction.scope(tables, Some(event.position));
        let lent = Lent::new(begun);
        let attempt = Attempt {
            number,
            transaction: Some(lent.clone()),
        };
        let delivered = work.call(event, attempt).await;
        // Dropped after a failure, which rolls it back.
        let begun = lent.take();
        match (delivered, begun) {
            (Ok(()), Some(mut begun)) => {
                // A statement that has failed may have ended the transaction, also if the handler goes on:
                // on Postgres nothing more is executed, on SQLite the savepoint is gone.
                let checked = match is_sqlite {
                    true => begun.transaction.execute_all(RELEASE).await,
                    false => begun.transaction.fetch("SELECT 1", ()).await.map(drop),
                };
                match checked {
                    Ok(()) => self.begun = Some(begun),
                    Err(error) => return Err(self.failed(Unusable::Aborted(error).into())),
                }
                Ok(())
            }
            (Ok(()), None) => Err(Failure::park(Unusable::InUse)),
            (Err(failure), _) => Err(self.failed(failure)),
        }
    }

    /// Tells failures of the database, which are none of the event, from others.
    fn failed(&mut self, failure: Failure) -> Failure {
        match failure {
            Failure::Retry { error, .. } if is_of_database(&*error) => {
                self.stopped(Stop::Store(Error::Unavailable { source: error }))
            }
            other => other,
        }
    }

    fn stopped(&mut self, stop: Stop) -> Failure {
        self.stop = Some(stop);
        Failure::halt("the transaction could not be used")
    }
}

/// Tries an event once, within a transaction if there is one.
pub(crate) async fn deliver(
    work: &Work,
    event: &Arc<SourceEvent>,
    number: u32,
    within: Option<&mut Within>,
) -> Result<(), Failure> {
    match within {
        Some(within) => within.deliver(work, event, number).await,
        None => {
            let transaction = None;
            let attempt = Attempt {
                number,
                transaction,
            };
            work.call(event, attempt).await
        }
    }
}
