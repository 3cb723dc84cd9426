//! Who appends.

/// Someone, or something, that causes events: a name, and the roles in which they act (C5, X12).
///
/// The names of roles are those of [`Role`](crate::Role). An actor is only a claim: the program has
/// made sure of it before, as by a token that it has verified.
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
    /// Sorted, none twice.
    roles: Vec<String>,
}

impl Actor {
    /// An actor of this name, with no roles.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            roles: Vec::new(),
        }
    }

    /// The same actor with one more role: a variant of an enum with `#[derive(Role)]`, or its name.
    ///
    /// A name that no rule names lets the actor do nothing more.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        let role = role.into();
        if let Err(place) = self.roles.binary_search(&role) {
            self.roles.insert(place, role);
        }
        self
    }

    /// The name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The names of the roles, sorted, none twice.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Whether the actor has the role of this name.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles
            .binary_search_by(|known| known.as_str().cmp(role))
            .is_ok()
    }

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
