//! Payloads: what an append accepts is given back, the same, by every reader.

mod bounds;
mod repeats;
mod values;
