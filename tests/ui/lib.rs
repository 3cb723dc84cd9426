//! Items that the cases use from another crate.
#![allow(missing_docs, reason = "nobody reads it")]

use eventsource_core::Event;
use serde::{Deserialize, Serialize};

/// Enum in another crate.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "parcel")]
pub enum ParcelEvent {
    Posted,
    #[event(follows = Posted, terminal)]
    Delivered,
}

/// Type in a payload of the fragment below.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub text: String,
}

eventsource_core::event_fragment! {
    /// Fragment for entities that can be held.
    pub holding {
        #[event(follows = any_state & !Held, accumulate = union())]
        Held { reason: $crate::Reason },
        #[event(follows = Held, accumulate = difference(Held))]
        Released,
    }
}

pub mod deep {
    eventsource_core::event_fragment! {
        /// Second fragment of this name in the crate.
        pub holding {
            #[event(follows = any_state & !Kept, accumulate = union())]
            Kept,
        }
    }
}
