//! Names of the members of a set of events.

use super::ConstPath;

/// Names of the members of a set, in declaration order.
///
/// It is no `Iterator`, which constants cannot use yet.
#[derive(Clone, Copy)]
pub(super) struct MemberNames<'a> {
    pub(super) path: &'a ConstPath,
    pub(super) rest: u64,
}

impl MemberNames<'_> {
    pub(super) const fn next(self) -> Option<(&'static str, Self)> {
        let position = self.rest.trailing_zeros() as usize;
        if position >= self.path.rules.len() {
            return None;
        }
        let rest = self.rest & (self.rest - 1);
        Some((self.path.name(position), Self { rest, ..self }))
    }
}
