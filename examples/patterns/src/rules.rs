//! Tests of the rules: paths checked by the compiler, and properties of every legal history.

use eventsource_core::testing::{legal_walk, near_legal_walk};
use eventsource_core::{EventType, State, transitions};
use proptest::prelude::*;

use crate::{AccountEvent, AccountEventType};

// Checked while compiling: `-> A` is legal here, `-/-> A` is not, `=> {A}` is the state.
transitions!(AccountEvent:
    Opened -> Frozen -/-> Withdrawn -> Released => {Opened} -> Withdrawn;
    Opened -> Closed => {Closed} -/-> Deposited;
    Opened -> Frozen -/-> Closed;
);

proptest! {
    #[test]
    fn money_never_moves_while_an_account_is_frozen(
        walk in legal_walk::<AccountEventType>(0..30),
    ) {
        let mut frozen = false;
        for event in walk {
            match event {
                AccountEventType::Frozen => frozen = true,
                AccountEventType::Released => frozen = false,
                AccountEventType::Deposited | AccountEventType::Withdrawn => prop_assert!(!frozen),
                AccountEventType::Opened | AccountEventType::Closed => {}
            }
        }
    }

    #[test]
    fn refusal_names_the_event_and_the_state(
        walk in near_legal_walk::<AccountEventType>(0..10),
    ) {
        let refused = walk.illegal.validate(walk.state).map_err(|error| error.to_string());
        let expected = if walk.state == State::EMPTY {
            format!("Event type '{}' may not be initial", walk.illegal)
        } else {
            format!("Event type '{}' may not follow {}", walk.illegal, walk.state)
        };
        prop_assert_eq!(refused, Err(expected));
    }
}
