//! Fold of your own: a value computed from all events of an entity.

use eventsource_core::{Fold, RecordedEvent, Snapshot};
use serde::{Deserialize, Serialize};

use crate::AccountEvent;

/// Balance of an account.
///
/// The derive writes `AccountData`, which has the latest value of each field; a sum needs a fold.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// Deposits less withdrawals.
    pub cents: i64,
}

impl Fold<AccountEvent> for Balance {
    fn apply(&mut self, event: &RecordedEvent<AccountEvent>) {
        match event.event {
            AccountEvent::Deposited { cents } => self.cents += cents,
            AccountEvent::Withdrawn { cents } => self.cents -= cents,
            _ => {}
        }
    }
}

/// Snapshots, from which long histories are read on.
impl Snapshot<AccountEvent> for Balance {
    const NAME: &'static str = "balance";
    /// Version to raise whenever `apply` changes.
    const VERSION: u32 = 1;
}

#[cfg(test)]
mod tests {
    use eventsource_core::{EntityId, Error, Seq, Store};

    use super::*;

    #[tokio::test]
    async fn balance_is_the_sum_of_deposits_less_withdrawals() -> Result<(), Error> {
        let store = Store::connect("sqlite::memory:").await?;
        let accounts = store.migrate::<AccountEvent>().await?;
        let id = EntityId::new();
        let owner = "ann".to_owned();
        accounts
            .append(id, AccountEvent::Opened { owner })
            .event(AccountEvent::Deposited { cents: 500 })
            .event(AccountEvent::Withdrawn { cents: 120 })
            .await?;

        let now = accounts.fold::<Balance>(id).with_snapshots().await?;
        let earlier = accounts.fold::<Balance>(id).as_of(Seq::new(2)).await?;
        assert_eq!(now.map(|account| account.value.cents), Some(380));
        assert_eq!(earlier.map(|account| account.value.cents), Some(500));
        Ok(())
    }
}
