//! Roles of actors.

use std::fmt::{Debug, Display};
use std::str::FromStr;

/// Fieldless enum of roles, which `#[machine(roles = ..)]` names and `#[event(by(..))]` picks from.
///
/// Implemented by `#[derive(Role)]`. Several machines may share one enum. A role is displayed,
/// parsed and recorded by its name: the variant's in `SCREAMING_SNAKE_CASE`, unless
/// `#[role(rename_all = "..")]` on the enum or `#[role(rename = "..")]` on the variant says
/// otherwise.
///
/// ```
/// # mod example {
/// use eventsource_core::{Actor, Event, EventType, Role};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
/// pub enum Party {
///     Sender,
///     SenderManager,
/// }
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "shipment", roles = Party)]
/// pub enum ShipmentEvent {
///     #[event(by(Sender, SenderManager))]
///     Created,
///     #[event(follows = Created, by(SenderManager), terminal)]
///     Approved,
/// }
///
/// # pub fn main() {
/// assert_eq!("SENDER_MANAGER".parse(), Ok(Party::SenderManager));
/// assert_eq!(ShipmentEventType::Created.roles().collect::<Vec<_>>(), ["SENDER", "SENDER_MANAGER"]);
/// assert!(!ShipmentEventType::Approved.allows(&Actor::new("ann").with_role(Party::Sender)));
/// # }
/// # }
/// # example::main();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of roles",
    label = "expected an enum with `#[derive(Role)]`"
)]
pub trait Role:
    Copy + Debug + Display + FromStr<Err = UnknownRole> + Into<String> + Send + Sync + 'static
{
    /// Roles in declaration order.
    const ALL: &'static [Self];

    /// Discriminants with the names, for rules that are constants.
    #[doc(hidden)]
    const NAMES: &'static [(i128, &'static str)];

    /// Returns the name that is recorded and displayed.
    fn name(self) -> &'static str;
}

/// Returns the name of the role with this discriminant.
pub(crate) const fn name_of<R: Role>(discriminant: i128) -> &'static str {
    let mut position = 0;
    while position < R::NAMES.len() {
        if R::NAMES[position].0 == discriminant {
            return R::NAMES[position].1;
        }
        position += 1;
    }
    // Unreachable: the derive lists every discriminant.
    ""
}

/// Error of parsing a name that is not a role.
///
/// ```
/// use eventsource_core::Role;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
/// enum Party {
///     Sender,
/// }
///
/// let error = "sender".parse::<Party>().unwrap_err();
/// assert_eq!(error.to_string(), "'sender' is not a role; the roles are SENDER");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is not a role; the roles are {roles}")]
pub struct UnknownRole {
    name: String,
    roles: String,
}

impl UnknownRole {
    /// Creates the error for `name`, which is none of the roles of `R`.
    pub fn of<R: Role>(name: impl Into<String>) -> Self {
        let roles: Vec<&str> = R::ALL.iter().map(|role| role.name()).collect();
        Self {
            name: name.into(),
            roles: roles.join(", "),
        }
    }

    /// Returns the unknown name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
