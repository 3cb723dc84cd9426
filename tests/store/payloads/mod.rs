//! Payloads: what an append accepts is given back, the same, by every reader.

mod bounds;
mod changed;
mod repeats;
mod same_everywhere;
mod sample;
mod unfit;
mod values;
