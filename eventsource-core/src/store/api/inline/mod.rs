//! Inline models: read models that are written in the transaction of each append.
//!
//! * `model`: what can be inline, a `View` or a `Projection`.
//! * `companion`: the model as a companion of appends.
//! * `add`: adding a model to a handle, which registers and fills it the first time.
//! * `fill`: a new model from the events that are stored already.
//! * `verify`: whether a model holds what its events say.

pub(crate) mod add;
pub(crate) mod companion;
pub(crate) mod fill;
pub(crate) mod model;
pub(crate) mod verify;
