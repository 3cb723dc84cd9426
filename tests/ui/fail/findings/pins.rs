//! Rules that differ from the pinned ones, and pins that cannot be read.
#![deny(deprecated)]
use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", fingerprint = "0559d23ff5922bd1:AQVsaWdodAIDTElUAAEAAQACAAdQVVRfT1VUBAECAAAEAA")]
pub enum Drifted {
    Lit,
    #[event(follows = Lit, accumulate = alias(Lit), requires(level))]
    Dimmed { level: Option<u8> },
    #[event(follows = Lit, terminal)]
    PutOut,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", fingerprint = "0559d23ff5922bd1:AQVsaWdodAIDTElUAAEAAQACAAdQVVRfT1VUBAECAAAEAA")]
pub enum Renamed {
    Lit,
    #[event(follows = Lit, terminal, rename = "DARK")]
    PutOut,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", fingerprint = "")]
pub enum NotYet {
    #[event(terminal)]
    Lit,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", fingerprint = "version 7")]
pub enum Unreadable {
    #[event(terminal)]
    Lit,
}

fn main() {}
