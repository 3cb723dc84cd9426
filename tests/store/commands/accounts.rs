//! Accounts, whose rules need a command: nobody takes out more than there is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use eventsource_core::{
    Command, Decision, Entity, EntityId, Event, EventStore, Fold, RecordedEvent, Role,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum Staff {
    Teller,
    Auditor,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "account", roles = Staff)]
pub enum AccountEvent {
    Opened,
    #[event(follows = any_of(Opened), accumulate = keep(), read_by(Auditor))]
    Deposited {
        cents: i64,
    },
    #[event(follows = any_of(Opened), accumulate = keep())]
    Withdrawn {
        cents: i64,
    },
    #[event(follows = Opened, terminal)]
    Closed,
    #[event(rejection)]
    Declined {
        cents: i64,
    },
}

/// How many events have been applied to balances, by account.
static APPLIED: Mutex<Option<HashMap<EntityId, u32>>> = Mutex::new(None);

/// Returns how many events of an account have been applied to balances by now.
pub fn applied(id: EntityId) -> u32 {
    let applied = APPLIED.lock().unwrap_or_else(PoisonError::into_inner);
    let applied = applied.as_ref();
    applied.map_or(0, |applied| applied.get(&id).copied().unwrap_or_default())
}

/// Balance of an account, which notices an event that is applied twice or left out.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Balance {
    pub cents: i64,
    events: u32,
}

impl Fold<AccountEvent> for Balance {
    fn apply(&mut self, event: &RecordedEvent<AccountEvent>) {
        self.events += 1;
        assert_eq!(self.events, event.seq.get(), "event out of order");
        let mut applied = APPLIED.lock().unwrap_or_else(PoisonError::into_inner);
        let applied = applied.get_or_insert_default();
        *applied.entry(event.entity_id).or_default() += 1;
        match event.event {
            AccountEvent::Deposited { cents } => self.cents += cents,
            AccountEvent::Withdrawn { cents } => self.cents -= cents,
            AccountEvent::Opened | AccountEvent::Closed | AccountEvent::Declined { .. } => {}
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{balance} cents are there, and {asked} are asked for")]
pub struct TooLittle {
    pub balance: i64,
    pub asked: i64,
}

/// Takes cents out of an account.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Withdraw(pub i64);

impl Command<AccountEvent> for Withdraw {
    const NAME: &'static str = "withdraw";
    type State = Balance;
    type Refusal = TooLittle;

    fn decide(
        &self,
        account: &Entity<AccountEvent, Balance>,
    ) -> Result<Decision<AccountEvent>, TooLittle> {
        let (balance, asked) = (account.data.cents, self.0);
        let head = account.head.as_ref().map_or(0, |head| head.seq.get());
        assert_eq!(head, account.data.events, "a head of another state");
        match balance >= asked {
            true => Ok(AccountEvent::Withdrawn { cents: asked }.into()),
            false => Err(TooLittle { balance, asked }),
        }
    }
}

/// Opens an account.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Open;

impl Command<AccountEvent> for Open {
    const NAME: &'static str = "open";
    type State = Balance;
    type Refusal = Never;

    fn decide(
        &self,
        _account: &Entity<AccountEvent, Balance>,
    ) -> Result<Decision<AccountEvent>, Self::Refusal> {
        Ok(AccountEvent::Opened.into())
    }
}

/// Takes cents out of an account, or records that it did not.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct WithdrawOrDecline(pub i64);

impl Command<AccountEvent> for WithdrawOrDecline {
    const NAME: &'static str = "withdraw_or_decline";
    type State = Balance;
    type Refusal = Never;

    fn decide(
        &self,
        account: &Entity<AccountEvent, Balance>,
    ) -> Result<Decision<AccountEvent>, Self::Refusal> {
        let cents = self.0;
        Ok(match account.data.cents >= cents {
            true => AccountEvent::Withdrawn { cents }.into(),
            false => AccountEvent::Declined { cents }.into(),
        })
    }
}

/// Refusal of a command that never refuses.
#[derive(Debug, thiserror::Error, Serialize)]
pub enum Never {}

/// Fills an account up to a number of cents, if there is less.
pub struct FillUp(pub i64);

impl Command<AccountEvent> for FillUp {
    const NAME: &'static str = "fill_up";
    type State = Balance;
    type Refusal = std::convert::Infallible;

    fn decide(
        &self,
        account: &Entity<AccountEvent, Balance>,
    ) -> Result<Decision<AccountEvent>, Self::Refusal> {
        let cents = self.0 - account.data.cents;
        Ok(match cents > 0 {
            true => AccountEvent::Deposited { cents }.into(),
            false => ().into(),
        })
    }
}

/// Panics.
pub struct Panic;

impl Command<AccountEvent> for Panic {
    const NAME: &'static str = "panic";
    type State = Balance;
    type Refusal = std::convert::Infallible;

    fn decide(
        &self,
        _account: &Entity<AccountEvent, Balance>,
    ) -> Result<Decision<AccountEvent>, Self::Refusal> {
        panic!("this command panics, as the test wants it to");
    }
}

/// Opens an account with some cents.
pub async fn opened(accounts: &EventStore<AccountEvent>, cents: i64) -> EntityId {
    let id = EntityId::new();
    let opened = accounts.append(id, AccountEvent::Opened);
    let opened = opened.event(AccountEvent::Deposited { cents });
    opened.await.unwrap();
    id
}

/// Reads how many cents are in an account.
pub async fn cents(accounts: &EventStore<AccountEvent>, id: EntityId) -> i64 {
    let balance = accounts.fold::<Balance>(id).await.unwrap();
    balance.unwrap().value.cents
}
