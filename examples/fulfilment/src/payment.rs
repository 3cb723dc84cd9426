//! Payment: the money of one order.

use eventsource_core::{Command, Decision, Entity, Event};
use serde::{Deserialize, Serialize};

/// Most that is taken for one order; whoever orders for more is asked to call.
pub const LIMIT_CENTS: i64 = 100_000;

/// Events of a payment. An order has one payment, which has the id of the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "payment")]
pub enum PaymentEvent {
    /// The money is ours.
    Taken {
        /// How much.
        cents: i64,
    },
    /// The money is the customer's again.
    #[event(follows = Taken, terminal)]
    Refunded,
}

/// Takes the money for an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Take {
    /// How much.
    pub cents: i64,
}

/// Gives the money back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refund;

/// Reason why money is not taken or given back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum PaymentRefusal {
    /// The sum is above the limit.
    #[error("{cents} cents are more than the limit of {limit}")]
    AboveLimit {
        /// What was asked for.
        cents: i64,
        /// What is allowed.
        limit: i64,
    },
    /// The money was taken before.
    #[error("the order is paid already")]
    TakenBefore,
    /// There is no money to give back.
    #[error("nothing was taken, or it was given back")]
    NothingTaken,
}

impl Command<PaymentEvent> for Take {
    const NAME: &'static str = "take";
    type State = PaymentData;
    type Refusal = PaymentRefusal;

    fn decide(
        &self,
        payment: &Entity<PaymentEvent, PaymentData>,
    ) -> Result<Decision<PaymentEvent>, PaymentRefusal> {
        let (cents, limit) = (self.cents, LIMIT_CENTS);
        if cents > limit {
            return Err(PaymentRefusal::AboveLimit { cents, limit });
        }
        if !payment.may(PaymentEventType::Taken) {
            return Err(PaymentRefusal::TakenBefore);
        }
        Ok(PaymentEvent::Taken { cents }.into())
    }
}

impl Command<PaymentEvent> for Refund {
    const NAME: &'static str = "refund";
    type State = PaymentData;
    type Refusal = PaymentRefusal;

    fn decide(
        &self,
        payment: &Entity<PaymentEvent, PaymentData>,
    ) -> Result<Decision<PaymentEvent>, PaymentRefusal> {
        match payment.may(PaymentEventType::Refunded) {
            true => Ok(PaymentEvent::Refunded.into()),
            false => Err(PaymentRefusal::NothingTaken),
        }
    }
}
