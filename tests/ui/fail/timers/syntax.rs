//! Timers and rejections as they are not written.
use eventsource_core::{Event, Role};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Role)]
pub enum Staff {
    Clerk,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "offer", roles = Staff)]
pub enum OfferEvent {
    Made { until: String },
    #[event(follows = Made, after = 3)]
    One,
    #[event(follows = Made, after = "3 moons")]
    Two,
    #[event(follows = Made, after = "1500 ms")]
    Three,
    #[event(follows = Made, after = "0s")]
    Four,
    #[event(follows = Made, after = "1000 years")]
    Five,
    #[event(follows = Made, after)]
    Six,
    #[event(follows = Made, at = "until")]
    Seven,
    #[event(follows = Made, at = untill)]
    Eight,
    #[event(follows = Made, after = "1 day", at = until)]
    Nine,
    #[event(follows = Made, after = "1 day", by(Clerk))]
    Ten,
    #[event(follows = Made, rejection)]
    Refused { reason: String },
    #[event(rejection, accumulate = union(), terminal, after = "1 day")]
    Rejected,
    #[event(follows = Refused | !Rejected, accumulate = alias(Refused))]
    Eleven,
    #[event(follows = Made, at = reason)]
    Twelve,
}

fn main() {}
