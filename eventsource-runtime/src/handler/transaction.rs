//! Transaction of a delivery.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use eventsource_core::Transaction;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use crate::subscription::shard::Begun;

/// Transaction that commits what a handler writes together with the checkpoint.
///
/// [`Delivery::transaction`](crate::Delivery::transaction) returns it. It is committed by the runtime
/// after the handler has ended well, and rolled back otherwise.
pub struct DeliveryTransaction(OwnedMappedMutexGuard<Option<Begun>, Transaction<'static>>);

impl Deref for DeliveryTransaction {
    type Target = Transaction<'static>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for DeliveryTransaction {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl fmt::Debug for DeliveryTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeliveryTransaction").field(&**self).finish()
    }
}

/// Place of a transaction, from which it is lent to a handler and taken back.
#[derive(Clone)]
pub(crate) struct Lent(Arc<Mutex<Option<Begun>>>);

impl Lent {
    pub(crate) fn new(begun: Begun) -> Self {
        Self(Arc::new(Mutex::new(Some(begun))))
    }

    /// Returns the transaction to use.
    pub(crate) fn get(&self) -> Result<DeliveryTransaction, NoTransaction> {
        let lent = Arc::clone(&self.0).try_lock_owned();
        let lent = lent.map_err(|_| NoTransaction::InUse)?;
        let lent = OwnedMutexGuard::try_map(lent, |lent| {
            lent.as_mut().map(|begun| &mut begun.transaction)
        });
        lent.map(DeliveryTransaction)
            .map_err(|_| NoTransaction::Ended)
    }

    /// Takes the transaction back; `None` if somebody still uses it.
    pub(crate) fn take(&self) -> Option<Begun> {
        self.0.try_lock().ok()?.take()
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lent").finish_non_exhaustive()
    }
}

/// Reason why there is no transaction: the handler has to be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTransaction {
    #[error(
        "the handler has no transaction: say `.in_transaction()` where its subscription is built"
    )]
    NotAsked,
    #[error("the transaction of the delivery is in use: drop it before it is asked for again")]
    InUse,
    #[error("the transaction of the delivery has ended: use it before the handler returns")]
    Ended,
}
