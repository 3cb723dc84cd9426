//! Reader of a handle: for whom it reads.

use std::sync::Arc;

use crate::Actor;

/// Reader of a handle.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    /// The program itself, which reads everything.
    Program,
    /// Somebody without a name.
    Anonymous,
    /// Actor with its roles.
    Actor(Arc<Actor>),
}

impl Reader {
    /// Returns the roles of the reader.
    pub(crate) fn roles(&self) -> &[String] {
        match self {
            Self::Actor(actor) => actor.roles(),
            Self::Program | Self::Anonymous => &[],
        }
    }
}
