//! Time by the clock that a store was given.

mod clock;
