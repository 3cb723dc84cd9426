//! Readers of machines and events, and internal events.
#![deny(warnings)]
#![allow(missing_docs, reason = "nobody reads it")]

use eventsource_core::{Actor, Event, EventType, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
#[role(rename_all = "kebab-case")]
pub enum Party {
    ShopClerk,
    Manager,
}

/// Item with a short name that generated code uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum Cow {
    Brown,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", roles = Party, read_by(ShopClerk, Manager))]
pub enum OrderEvent {
    #[event(by(ShopClerk), read_by(Manager, ShopClerk))]
    Placed { sku: String },
    #[event(follows = Placed, read_by(Manager))]
    Rated { stars: u8 },
    #[event(follows = Rated, internal, terminal)]
    Shipped,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "milk", roles = Cow, read_by(Brown))]
pub enum MilkEvent {
    #[event(terminal)]
    Milked,
}

/// Without roles.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "news", public)]
pub enum NewsEvent {
    #[event(internal, terminal)]
    Published,
}

fn main() {
    let boss = Actor::new("ann").with_role(Party::Manager);
    let clerk = Actor::new("bob").with_role(Party::ShopClerk);
    assert_eq!(OrderEvent::MACHINE.readers(), ["shop-clerk", "manager"]);
    assert!(OrderEvent::MACHINE.may_read(clerk.roles()));
    assert!(!OrderEvent::MACHINE.may_read::<String>(&[]));
    assert!(!OrderEvent::MACHINE.is_public() && NewsEvent::MACHINE.is_public());
    assert_eq!(OrderEventType::Placed.readers().collect::<Vec<_>>(), ["manager", "shop-clerk"]);
    assert!(OrderEventType::Rated.is_visible_to(&boss));
    assert!(!OrderEventType::Rated.is_visible_to(&clerk));
    assert!(OrderEventType::Shipped.is_internal() && NewsEventType::Published.is_internal());
    assert!(!OrderEventType::Rated.is_internal());
    assert_eq!(MilkEvent::MACHINE.readers(), ["BROWN"]);
    assert!(NewsEvent::MACHINE.may_read::<String>(&[]));

    let again = eventsource_core::model::Machine::compile(&OrderEvent::MACHINE.to_spec()).unwrap();
    assert_eq!(&again, OrderEvent::MACHINE);
    let enforced = OrderEvent::MACHINE.to_spec().without_reading();
    let enforced = eventsource_core::model::Machine::compile(&enforced).unwrap();
    assert_ne!(&enforced, OrderEvent::MACHINE);
    assert_eq!(enforced.fingerprint(), OrderEvent::MACHINE.fingerprint());
}
