//! Events of a bank account, which the other files use.

use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

/// Roles that some events are reserved for.
#[derive(Clone, Copy, Debug, PartialEq, Role)]
pub enum Staff {
    /// May freeze an account and release it.
    Auditor,
}

/// Events of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "account", roles = Staff, never(Closed & Frozen))]
pub enum AccountEvent {
    /// The account exists from now on.
    Opened {
        /// Name of its owner.
        owner: String,
    },
    /// Money came in.
    #[event(follows = Opened & !Frozen, accumulate = keep())]
    Deposited {
        /// Amount.
        cents: i64,
    },
    /// Money went out.
    #[event(follows = Opened & !Frozen, accumulate = keep())]
    Withdrawn {
        /// Amount.
        cents: i64,
    },
    /// Nothing may come in or go out.
    #[event(follows = Opened & !Frozen, accumulate = union(), by(Auditor))]
    Frozen,
    /// The account is as before it was frozen.
    #[event(follows = Frozen, accumulate = difference(Frozen), by(Auditor))]
    Released,
    /// No event may follow.
    #[event(follows = Opened & !Frozen, terminal)]
    Closed,
}
