//! Actor: the caller on whose behalf events are appended.

/// Person or program that causes events: a name, and the roles that it acts in.
///
/// Names of roles are those of [`Role`](crate::Role). The store trusts an actor: the program must
/// have authenticated it before, for example by verifying a token.
///
/// ```
/// use eventsource_core::{Actor, Role};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
/// enum Party {
///     Sender,
///     SenderManager,
/// }
///
/// let ann = Actor::new("ann").with_role(Party::SenderManager);
/// assert_eq!(ann.id(), "ann");
/// assert_eq!(ann.roles(), ["SENDER_MANAGER"]);
/// assert!(ann.has_role("SENDER_MANAGER") && !ann.has_role(Party::Sender.name()));
/// assert_eq!(Actor::from("ann"), Actor::new("ann"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    id: String,
    /// Names of roles, sorted, without duplicates.
    roles: Vec<String>,
}

impl Actor {
    /// Creates an actor with this name and no roles.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            roles: Vec::new(),
        }
    }

    /// Adds a role: a variant of an enum with `#[derive(Role)]`, or its name.
    ///
    /// A name that no rule mentions grants nothing.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        let role = role.into();
        if let Err(place) = self.roles.binary_search(&role) {
            self.roles.insert(place, role);
        }
        self
    }

    /// Returns the name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the names of the roles, sorted, without duplicates.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Returns whether the actor has the role with this name.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles
            .binary_search_by(|known| known.as_str().cmp(role))
            .is_ok()
    }

    /// Returns the name and the names of the roles.
    #[cfg(feature = "_store")]
    pub(crate) fn into_parts(self) -> (String, Vec<String>) {
        (self.id, self.roles)
    }
}

impl From<&str> for Actor {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for Actor {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<&String> for Actor {
    fn from(id: &String) -> Self {
        Self::new(id)
    }
}

impl From<&Self> for Actor {
    fn from(actor: &Self) -> Self {
        actor.clone()
    }
}
