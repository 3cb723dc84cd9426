//! Who may read a view.

use eventsource_core::Actor;

use crate::wire::problem::Problem;

/// Who may read a view over HTTP.
///
/// A view is made of the events of machines, and may show what their `read_by(..)` hides: so it says by
/// itself who reads it.
///
/// ```
/// use eventsource_rest::Readers;
///
/// let everybody = Readers::public();
/// let whoever_is_known = Readers::actors();
/// let staff = Readers::roles(["Clerk", "Manager"]);
/// # drop((everybody, whoever_is_known, staff));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readers(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Public,
    Actors,
    Roles(Vec<String>),
}

impl Readers {
    /// Lets everybody read, also without an actor.
    #[must_use]
    pub fn public() -> Self {
        Self(Kind::Public)
    }

    /// Lets every actor read, whatever roles it has.
    #[must_use]
    pub fn actors() -> Self {
        Self(Kind::Actors)
    }

    /// Lets actors read that have one of these roles; nobody, if there are none.
    #[must_use]
    pub fn roles<R: Into<String>>(roles: impl IntoIterator<Item = R>) -> Self {
        Self(Kind::Roles(roles.into_iter().map(Into::into).collect()))
    }

    /// Tells whether reads need no actor.
    pub(crate) fn is_public(&self) -> bool {
        self.0 == Kind::Public
    }

    /// Checks that the actor may read.
    ///
    /// # Errors
    /// 401 without an actor; 403 without one of the roles.
    pub(crate) fn check(&self, actor: Option<&Actor>) -> Result<(), Problem> {
        let roles = match (&self.0, actor) {
            (Kind::Public, _) | (Kind::Actors, Some(_)) => return Ok(()),
            (_, None) => {
                return Err(Problem::unauthorized(
                    "Reading requires an actor, and the request is not authenticated.",
                ));
            }
            (Kind::Roles(roles), Some(actor)) => {
                match roles.iter().any(|role| actor.has_role(role)) {
                    true => return Ok(()),
                    false => (roles, actor.roles()),
                }
            }
        };
        let (allowed, actual) = roles;
        let problem = Problem::forbidden("The view is read by actors with other roles.");
        Err(problem
            .of_kind(axum::http::StatusCode::FORBIDDEN, "reader-not-allowed")
            .with("title", "Not allowed")
            .with("allowed", allowed.as_slice())
            .with("actual", actual))
    }
}
