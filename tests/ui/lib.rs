//! What the cases use from another crate than their own.
#![allow(missing_docs, reason = "nobody reads it")]

use eventsource_core::Event;
use serde::{Deserialize, Serialize};

/// An enum that is declared elsewhere.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "parcel")]
pub enum ParcelEvent {
    Posted,
    #[event(follows = Posted, terminal)]
    Delivered,
}

/// What a payload of the fragment below is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub text: String,
}

eventsource_core::event_fragment! {
    /// How anything is held back.
    pub holding {
        #[event(follows = any_state & !Held, accumulate = union())]
        Held { reason: $crate::Reason },
        #[event(follows = Held, accumulate = difference(Held))]
        Released,
    }
}

pub mod deep {
    eventsource_core::event_fragment! {
        /// Another fragment of the same name in the same crate.
        pub holding {
            #[event(follows = any_state & !Kept, accumulate = union())]
            Kept,
        }
    }
}
