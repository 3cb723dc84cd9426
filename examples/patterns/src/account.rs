//! Events of a bank account, which the other files use.

use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

/// Roles that some events are reserved for.
#[derive(Clone, Copy, Debug, PartialEq, Role)]
pub enum Staff {
    /// Role that may freeze an account and release it.
    Auditor,
}

/// Events of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "account", roles = Staff, never(Closed & Frozen))]
pub enum AccountEvent {
    /// Opening of the account.
    Opened {
        /// Name of its owner.
        owner: String,
    },
    /// Payment into the account.
    #[event(follows = Opened & !Frozen, accumulate = keep())]
    Deposited {
        /// Amount.
        cents: i64,
    },
    /// Payment out of the account.
    #[event(follows = Opened & !Frozen, accumulate = keep())]
    Withdrawn {
        /// Amount.
        cents: i64,
    },
    /// Freeze: no payment in or out is legal.
    #[event(follows = Opened & !Frozen, accumulate = union(), by(Auditor))]
    Frozen,
    /// Release: the account is as before it was frozen.
    #[event(follows = Frozen, accumulate = difference(Frozen), by(Auditor))]
    Released,
    /// End of the account: no event may follow.
    #[event(follows = Opened & !Frozen, terminal)]
    Closed,
}
