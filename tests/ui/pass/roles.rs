//! Roles and their names in `by(..)`.
#![deny(warnings)]
#![allow(missing_docs, reason = "nobody reads it")]

use eventsource_core::{Actor, Event, EventType, IdFormat, Role};
use serde::{Deserialize, Serialize};

pub mod people {
    use eventsource_core::Role;

    /// Discriminants of the author's own, renamed roles, and a name that Rust has reserved.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
    #[role(rename_all = "kebab-case")]
    #[repr(u8)]
    pub enum Party {
        ShopClerk = 7,
        #[role(rename = "BOSS")]
        Manager = 3,
        r#Self_,
    }
}

/// Item with a short name that generated code uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, eventsource_core::Role)]
pub enum Cow {
    Brown,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", roles = people::Party, id = counter("ORD-", width = 4))]
pub enum OrderEvent {
    #[event(by(ShopClerk, Manager))]
    Placed,
    #[event(follows = Placed, by(Manager), terminal)]
    Approved,
}

/// Another machine with the same roles.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "refund", roles = self::people::Party, id = ulid("rfd_"))]
pub enum RefundEvent {
    #[event(by(Self_,), terminal)]
    Asked,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "milk", roles = Cow, id = counter(""))]
pub enum MilkEvent {
    #[event(by(Brown), terminal)]
    Milked,
}

fn main() {
    use people::Party;

    fn roles<T: EventType>(event: T) -> Vec<&'static str> {
        event.roles().collect()
    }
    assert_eq!(roles(OrderEventType::Placed), ["shop-clerk", "BOSS"]);
    assert_eq!(roles(OrderEventType::Approved), ["BOSS"]);
    assert_eq!(roles(RefundEventType::Asked), [Party::Self_.name()]);
    assert_eq!(roles(MilkEventType::Milked), ["BROWN"]);

    let boss = Actor::new("ann").with_role(Party::Manager);
    assert!(OrderEventType::Approved.allows(&boss));
    assert!(!RefundEventType::Asked.allows(&boss));
    assert_eq!("BOSS".parse(), Ok(Party::Manager));
    assert_eq!(format!("{:>5}|", Party::Manager), " BOSS|");
    assert!("MANAGER".parse::<Party>().is_err());

    assert_eq!(OrderEvent::ID, IdFormat::Counter { prefix: "ORD-", width: 4 });
    assert_eq!(RefundEvent::ID, IdFormat::Ulid { prefix: "rfd_" });
    assert_eq!(MilkEvent::ID, IdFormat::Counter { prefix: "", width: 1 });
    assert!(OrderEvent::ID.parse("ORD-0007").is_ok());
    let pattern = OrderEvent::MACHINE.rules().map(|(_, rule)| rule.roles.len());
    assert_eq!(pattern.collect::<Vec<_>>(), [2, 1]);
}
