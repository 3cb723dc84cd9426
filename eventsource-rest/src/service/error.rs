//! Errors of building a service.

use crate::options::site::SiteError;

/// Error of building a [`Service`](crate::Service).
///
/// ```
/// let error = eventsource_rest::BuildError::DuplicateMachine { entity: "task" };
/// assert_eq!(error.to_string(), "the machine of 'task' is mounted twice");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Machine that requires roles, in a service without an [`Authenticator`](crate::Authenticator)
    /// to find the actor of a request.
    #[error(
        "the machine of '{entity}' requires a role for '{event_type}', but the service has no \
         authenticator: add `.authenticator(..)`"
    )]
    NoAuthenticator {
        /// Name of the entity.
        entity: &'static str,
        /// First event type that requires a role.
        event_type: String,
    },
    /// Machine that only some roles may read, or see the fields of, in a service without an
    /// [`Authenticator`](crate::Authenticator): nobody could.
    #[error(
        "`read_by(..)` of '{entity}' asks for roles, but the service has no authenticator: add \
         `.authenticator(..)`"
    )]
    NoReader {
        /// Name of the entity.
        entity: &'static str,
    },
    /// Runtime for a role, in a service without an [`Authenticator`](crate::Authenticator): nobody has it.
    #[error(
        "the runtime is for a role, but the service has no authenticator: add `.authenticator(..)`"
    )]
    NoOperator,
    /// Command with a name that is no part of a path.
    #[error(
        "the command '{name}' of '{entity}' needs a name of 1 to 63 ASCII letters, digits, `-` and `_`"
    )]
    CommandName {
        /// Entity of its machine.
        entity: &'static str,
        /// Name of the command.
        name: &'static str,
    },
    /// Command with the name of another one of its machine.
    #[error("'{entity}' has two commands named '{name}'")]
    DuplicateCommand {
        /// Entity of the machine.
        entity: &'static str,
        /// Name of both.
        name: &'static str,
    },
    /// View with a name that is no part of a path.
    #[error("the view '{view}' needs a name of 1 to 63 ASCII letters, digits, `-` and `_`")]
    ViewName {
        /// Name of the view.
        view: &'static str,
    },
    /// View with the name of another one.
    #[error("two views are named '{view}'")]
    DuplicateView {
        /// Name of both.
        view: &'static str,
    },
    /// View that only actors may read, in a service without an [`Authenticator`](crate::Authenticator):
    /// nobody could.
    #[error(
        "the readers of the view '{view}' are actors, but the service has no authenticator: add \
         `.authenticator(..)`, or say `Readers::public()`"
    )]
    NoViewReader {
        /// Name of the view.
        view: &'static str,
    },
    /// Machine with the same entity as another one, so that their paths would be the same.
    #[error("the machine of '{entity}' is mounted twice")]
    DuplicateMachine {
        /// Name of the entity.
        entity: &'static str,
    },
    /// Path that two entities, or an entity and the service itself, would share.
    #[error(
        "the path '{path}' of '{entity}' belongs to another machine or to the service: rename the \
         entity"
    )]
    PathTaken {
        /// Entity that was mounted later.
        entity: &'static str,
        /// Path that both would have.
        path: String,
    },
    /// Check of a machine that the service does not have.
    #[error(
        "a check or a command is registered for '{entity}', whose machine is not mounted: add \
         `.mount(..)`"
    )]
    UnknownMachine {
        /// Name of the entity.
        entity: &'static str,
    },
    /// Public URL that is no URL.
    #[error(
        "the public URL '{url}' cannot be used: give scheme, host and perhaps a path, such as \
         'https://shop.example/orders'"
    )]
    InvalidPublicUrl {
        /// URL that was given.
        url: String,
    },
    /// Host that is neither a name nor an address.
    #[error(
        "the host '{host}' cannot be used: give a name or an address, perhaps with a port, such as \
         'shop.example' or '[::1]:8080'"
    )]
    InvalidHost {
        /// Host that was given.
        host: String,
    },
}

impl From<SiteError> for BuildError {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::PublicUrl(url) => Self::InvalidPublicUrl { url },
            SiteError::Host(host) => Self::InvalidHost { host },
        }
    }
}
