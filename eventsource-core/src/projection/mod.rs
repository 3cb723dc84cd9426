//! Read models in the author's own SQL.
//!
//! * `definition`: the traits [`Projection`](definition::Projection) and
//!   [`Projects`](definition::Projects).
//! * `failure`: what is to be done about an event that failed.

pub(crate) mod definition;
pub(crate) mod failure;
