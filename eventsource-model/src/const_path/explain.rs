//! Messages of steps that are not legal, in the names of the enum's variants.

use std::borrow::Cow;

use super::ConstPath;
use super::member_names::MemberNames;
use super::text::ConstText;
use crate::StateSet;

/// Largest number of alternatives that a message explains.
const MAX_EXPLAINED: usize = 3;

impl ConstPath {
    pub(super) const fn illegal(&self, position: usize) -> ConstText {
        let text = self.may(position, " may not ");
        self.needs(self.available(text), position)
    }

    pub(super) const fn legal(&self, position: usize) -> ConstText {
        self.may(position, " may ")
            .push(", but the path says that it may not")
    }

    pub(super) const fn not_due(&self, position: usize, due: usize) -> ConstText {
        self.may(position, " may not ")
            .push(", where ")
            .push_quoted(self.name(due))
            .push(" is written by itself\n= help: write `-> ")
            .push(self.name(due))
            .push("` before it")
    }

    /// Begins a message: ``event `A` may not follow {B, C}``.
    const fn may(&self, position: usize, may: &str) -> ConstText {
        let text = ConstText::new()
            .push("event ")
            .push_quoted(self.name(position))
            .push(may);
        if self.begun {
            text.push("follow ").push_all(self.names(self.state))
        } else {
            text.push("be the first")
        }
    }

    /// Appends the events that are legal in this state.
    const fn available(&self, text: ConstText) -> ConstText {
        let mut legal = 0;
        let mut position = 0;
        while position < self.rules.len() {
            if self.is_legal(position) {
                legal |= 1 << position;
            }
            position += 1;
        }
        if legal == 0 {
            return text.push("\n= note: nothing is legal here");
        }
        text.push("\n= note: legal here: ")
            .push_list(self.names(StateSet::from_bits(legal)))
    }

    /// Appends the events that would have to be in the state, if a short list says it.
    const fn needs(&self, text: ConstText, position: usize) -> ConstText {
        let clauses = self.clauses(position);
        if clauses.is_empty() || clauses.len() > MAX_EXPLAINED {
            return text;
        }
        let mut text = text.push("\n= help: ");
        let mut next = 0;
        while next < clauses.len() {
            if next > 0 {
                text = text.push("; or ");
            }
            let missing = clauses[next].all.difference(self.state);
            let forbidden = clauses[next].none.intersection(self.state);
            if clauses[next].none.bits() == StateSet::ALL.bits() {
                text = text.push("it is legal only where nothing has happened");
            } else {
                text = text.push("it needs ");
                if !missing.is_empty() {
                    text = text.push_list(self.names(missing));
                }
                if !missing.is_empty() && !forbidden.is_empty() {
                    text = text.push(", and ");
                }
                if !forbidden.is_empty() {
                    text = text
                        .push("a state without ")
                        .push_list(self.names(forbidden));
                }
            }
            next += 1;
        }
        text
    }

    pub(super) const fn in_another_state(&self, said: StateSet) -> ConstText {
        ConstText::new()
            .push("the state here is ")
            .push_all(self.names(self.state))
            .push(", but the path says ")
            .push_all(self.names(said))
    }

    pub(super) const fn name(&self, position: usize) -> &'static str {
        if position < self.variants.len() {
            return self.variants[position];
        }
        match &self.rules[position].name {
            Cow::Borrowed(name) => name,
            Cow::Owned(name) => name.as_str(),
        }
    }

    const fn names(&self, of: StateSet) -> MemberNames<'_> {
        MemberNames {
            path: self,
            rest: of.bits(),
        }
    }
}
