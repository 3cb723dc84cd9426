//! Appends that share a transaction: each gets its own result, and delays no other.

mod batches;
mod paths;
mod sharing;
