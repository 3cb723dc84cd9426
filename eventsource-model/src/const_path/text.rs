//! Text that is built in a constant, without allocation.

use super::member_names::MemberNames;

/// Largest number of names in a list; more would bury the message.
const MAX_LISTED: usize = 12;

/// Capacity in bytes; a longer message is cut between two pieces.
const CAPACITY: usize = 2048;

#[derive(Clone, Copy)]
pub(super) struct ConstText {
    bytes: [u8; CAPACITY],
    len: usize,
    full: bool,
}

impl ConstText {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            len: 0,
            full: false,
        }
    }

    pub(super) const fn push(mut self, piece: &str) -> Self {
        let piece = piece.as_bytes();
        self.full |= self.len + piece.len() > CAPACITY;
        if !self.full {
            let (_, free) = self.bytes.split_at_mut(self.len);
            let (place, _) = free.split_at_mut(piece.len());
            place.copy_from_slice(piece);
            self.len += piece.len();
        }
        self
    }

    pub(super) const fn push_quoted(self, name: &str) -> Self {
        self.push("`").push(name).push("`")
    }

    /// Appends `{A, B}`.
    pub(super) const fn push_all(self, names: MemberNames) -> Self {
        self.push("{").push_names(names, "").push("}")
    }

    /// Appends `` `A`, `B` ``.
    pub(super) const fn push_list(self, names: MemberNames) -> Self {
        self.push_names(names, "`")
    }

    const fn push_names(mut self, mut names: MemberNames, quote: &str) -> Self {
        let mut listed = 0;
        while let Some((name, rest)) = names.next() {
            if listed > 0 {
                self = self.push(", ");
            }
            if listed == MAX_LISTED {
                return self.push("..");
            }
            self = self.push(quote).push(name).push(quote);
            names = rest;
            listed += 1;
        }
        self
    }

    pub(super) const fn as_str(&self) -> &str {
        let (written, _) = self.bytes.split_at(self.len);
        match std::str::from_utf8(written) {
            Ok(text) => text,
            // Only whole pieces are pushed.
            Err(_) => "",
        }
    }
}
