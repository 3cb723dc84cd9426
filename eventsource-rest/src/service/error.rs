//! Why a service cannot be built.

/// Why a service cannot be built.
///
/// ```
/// let error = eventsource_rest::BuildError::DuplicateMachine { entity: "task" };
/// assert_eq!(error.to_string(), "the machine of 'task' is in the service twice");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The machine says who may do what, and nothing says who it is that asks: give the service an
    /// [`Authenticator`](crate::Authenticator).
    #[error(
        "the machine of '{entity}' says by whom '{event_type}' may be done, and the service cannot \
         tell who asks: give it `.authenticator(..)`"
    )]
    NoAuthenticator {
        /// The entity.
        entity: &'static str,
        /// The first of its event types that have such a rule.
        event_type: String,
    },
    /// The paths of both would be the same.
    #[error("the machine of '{entity}' is in the service twice")]
    DuplicateMachine {
        /// The entity.
        entity: &'static str,
    },
    /// Two entities, or one and the service itself, would be at the same path.
    #[error("the path '{path}' of '{entity}' is taken")]
    PathTaken {
        /// The entity that came later.
        entity: &'static str,
        /// The path.
        path: String,
    },
    /// A check before an append to a machine that the service does not have.
    #[error("there is a check before appends to '{entity}', which is not in the service")]
    UnknownMachine {
        /// The entity.
        entity: &'static str,
    },
}
