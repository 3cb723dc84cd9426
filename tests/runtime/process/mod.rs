//! Processes, by the one of `examples/fulfilment`.

mod books;
mod courses;
mod killed;
mod random;
mod repeated;
