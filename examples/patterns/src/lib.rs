//! Common tasks around an enum of events, one file each, with their tests.

mod account;
mod balance;
#[cfg(test)]
mod rules;
mod sessions;

pub use account::{AccountData, AccountEvent, AccountEventType, Staff};
pub use balance::Balance;
pub use sessions::Sessions;
