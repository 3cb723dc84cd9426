//! Order: what a customer wants.

use eventsource_core::{Command, Decision, Entity, Event};
use serde::{Deserialize, Serialize};

/// Events of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "order")]
pub enum OrderEvent {
    /// The customer orders.
    Placed {
        /// What is ordered.
        item: String,
        /// What it weighs.
        grams: i64,
        /// What it costs.
        cents: i64,
    },
    /// The goods are on their way, and paid.
    #[event(follows = Placed, terminal)]
    Completed,
    /// Nothing comes, and nothing is paid.
    #[event(follows = Placed, terminal)]
    Canceled {
        /// Why, for the customer.
        reason: String,
    },
}

/// Places an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What is ordered.
    pub item: String,
    /// What it weighs.
    pub grams: i64,
    /// What it costs.
    pub cents: i64,
}

/// Completes an order that is paid and on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Complete;

/// Cancels an order that is not completed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cancel {
    /// Why, for the customer.
    pub reason: String,
}

/// Reason why an order is not placed, completed or canceled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum OrderRefusal {
    /// The order was placed before.
    #[error("the order is placed already")]
    PlacedBefore,
    /// The price is no price.
    #[error("an order costs at least 1 cent, not {cents}")]
    Price {
        /// What was given.
        cents: i64,
    },
    /// The order is not open: it does not exist, or has ended.
    #[error("there is no open order")]
    NotOpen,
}

impl Command<OrderEvent> for Place {
    const NAME: &'static str = "place";
    type State = OrderData;
    type Refusal = OrderRefusal;

    fn decide(
        &self,
        order: &Entity<OrderEvent, OrderData>,
    ) -> Result<Decision<OrderEvent>, OrderRefusal> {
        if self.cents < 1 {
            return Err(OrderRefusal::Price { cents: self.cents });
        }
        if !order.may(OrderEventType::Placed) {
            return Err(OrderRefusal::PlacedBefore);
        }
        let Self { item, grams, cents } = self.clone();
        Ok(OrderEvent::Placed { item, grams, cents }.into())
    }
}

impl Command<OrderEvent> for Complete {
    const NAME: &'static str = "complete";
    type State = OrderData;
    type Refusal = OrderRefusal;

    fn decide(
        &self,
        order: &Entity<OrderEvent, OrderData>,
    ) -> Result<Decision<OrderEvent>, OrderRefusal> {
        match order.may(OrderEventType::Completed) {
            true => Ok(OrderEvent::Completed.into()),
            false => Err(OrderRefusal::NotOpen),
        }
    }
}

impl Command<OrderEvent> for Cancel {
    const NAME: &'static str = "cancel";
    type State = OrderData;
    type Refusal = OrderRefusal;

    fn decide(
        &self,
        order: &Entity<OrderEvent, OrderData>,
    ) -> Result<Decision<OrderEvent>, OrderRefusal> {
        let reason = self.reason.clone();
        match order.may(OrderEventType::Canceled) {
            true => Ok(OrderEvent::Canceled { reason }.into()),
            false => Err(OrderRefusal::NotOpen),
        }
    }
}
