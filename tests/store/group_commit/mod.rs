//! Appends that share a transaction: each is told what is true of it, and delays no other.

mod batches;
mod paths;
mod sharing;
