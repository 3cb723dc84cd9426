//! Codes of event types: the numbers that stand for them in the tables.

use eventsource_model::{EventIndex, Machine, StateSet};

use crate::store::contract::unreadable_event::UnreadableReason;

/// Codes of all event types of a machine in one database.
///
/// Reordering the enum changes the position of an event type, never its code: once assigned to a
/// name, a code stays with it and is never assigned to another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventTypeCodes {
    /// Code of each event type, by its index.
    by_index: Vec<u8>,
    /// Whether every code equals the index.
    identity: bool,
    /// Bit mask of all codes.
    known: u64,
}

/// Error: no code is left for a new event type, since removed event types keep theirs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CodesExhausted;

impl EventTypeCodes {
    /// Assigns each event type its known code, and the next free codes to new event types.
    ///
    /// Returns the new event types with their codes as well.
    pub(crate) fn assign(
        machine: &Machine,
        known: &[(String, u8)],
    ) -> Result<(Self, Vec<(String, u8)>), CodesExhausted> {
        let mut free = known
            .iter()
            .map(|(_, number)| number + 1)
            .max()
            .unwrap_or(0);
        let mut by_index = Vec::with_capacity(machine.len());
        let mut new = Vec::new();
        for (_, rule) in machine.rules() {
            let number = match known.iter().find(|(name, _)| *name == rule.name) {
                Some((_, number)) => *number,
                None => {
                    if usize::from(free) >= eventsource_model::MAX_EVENT_TYPES {
                        return Err(CodesExhausted);
                    }
                    new.push((rule.name.clone().into_owned(), free));
                    free += 1;
                    free - 1
                }
            };
            by_index.push(number);
        }
        let identity = (0..).zip(&by_index).all(|(index, number)| index == *number);
        let known = by_index.iter().fold(0, |known, number| known | 1 << number);
        let codes = Self {
            by_index,
            identity,
            known,
        };
        Ok((codes, new))
    }

    /// Returns the code of an event type.
    pub(crate) fn number(&self, event: EventIndex) -> i16 {
        i16::from(self.by_index[event.get()])
    }

    /// Returns the event type with this code; `None` if the program has none.
    pub(crate) fn index(&self, number: i16) -> Option<EventIndex> {
        if self.identity {
            let index = usize::try_from(number).ok()?;
            return EventIndex::new(index).filter(|_| index < self.by_index.len());
        }
        self.by_index
            .iter()
            .position(|known| i16::from(*known) == number)
            .and_then(EventIndex::new)
    }

    /// Converts a state to a column value: one bit for each code. The column is signed.
    pub(crate) fn encode(&self, state: StateSet) -> i64 {
        if self.identity {
            return state.bits().cast_signed();
        }
        state
            .iter()
            .filter_map(|event| self.by_index.get(event.get()))
            .fold(0_u64, |bits, number| bits | 1 << number)
            .cast_signed()
    }

    /// Converts a column value to a state; `None` if it has a code that the program does not have.
    pub(crate) fn decode(&self, stored: i64) -> Option<StateSet> {
        let bits = stored.cast_unsigned();
        if bits & !self.known != 0 {
            return None;
        }
        if self.identity {
            return Some(StateSet::from_bits(bits));
        }
        let has = |index: &usize| bits & (1 << self.by_index[*index]) != 0;
        let indexes = (0..self.by_index.len()).filter(has);
        Some(indexes.filter_map(EventIndex::new).collect())
    }

    /// Returns the event type with this code.
    ///
    /// # Errors
    /// [`UnreadableReason::UnknownEventType`] if the program has none.
    pub(crate) fn read_event_type(&self, code: i64) -> Result<EventIndex, UnreadableReason> {
        let event_type = i16::try_from(code).ok().and_then(|code| self.index(code));
        event_type.ok_or(UnreadableReason::UnknownEventType { code })
    }

    /// Converts a column value to a state.
    ///
    /// # Errors
    /// [`UnreadableReason::UnknownEventType`] if it has a code that the program does not have.
    pub(crate) fn read_state(&self, stored: i64) -> Result<StateSet, UnreadableReason> {
        let unknown = || {
            let unknown = stored.cast_unsigned() & !self.known;
            let code = unknown.trailing_zeros().into();
            UnreadableReason::UnknownEventType { code }
        };
        self.decode(stored).ok_or_else(unknown)
    }

    /// Returns the bits of the codes that no event type of the program has.
    #[cfg(feature = "postgres")]
    pub(crate) fn unknown(&self) -> i64 {
        (!self.known).cast_signed()
    }

    /// Converts a mask to a column value; [`StateSet::ALL`] stays all 64 bits.
    pub(crate) fn mask(&self, set: StateSet) -> i64 {
        if set == StateSet::ALL {
            return -1;
        }
        let own: StateSet = (0..self.by_index.len())
            .filter_map(EventIndex::new)
            .collect();
        self.encode(set.intersection(own))
    }
}

#[cfg(test)]
mod tests {
    use eventsource_model::{EventSpec, Formula, MachineSpec};

    use super::*;

    fn machine(names: &[&str]) -> Machine {
        let events = names
            .iter()
            .map(|name| EventSpec::new(*name).follows(Formula::event(names[0])));
        Machine::compile(&MachineSpec::new("any", events)).unwrap()
    }

    fn known(names: &[&str]) -> Vec<(String, u8)> {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(0..)
            .collect()
    }

    #[test]
    fn code_stays_with_its_name_when_enum_is_reordered() {
        let (codes, new) = EventTypeCodes::assign(&machine(&["A", "B", "C"]), &[]).unwrap();
        assert_eq!((new, codes.identity), (known(&["A", "B", "C"]), true));

        let reordered = machine(&["C", "NEW", "A", "B"]);
        let (codes, new) = EventTypeCodes::assign(&reordered, &known(&["A", "B", "C"])).unwrap();
        assert_eq!(new, [("NEW".to_owned(), 3)]);
        let state = reordered.state_of(["C", "B"]).unwrap();
        assert_eq!(codes.encode(state), 0b110);
        assert_eq!(codes.decode(0b110), Some(state));
        assert_eq!(codes.decode(0b1_0000), None);
        assert_eq!(codes.index(3), reordered.index_of("NEW"));
    }

    #[test]
    fn code_of_removed_event_type_is_never_reassigned() {
        let (codes, new) =
            EventTypeCodes::assign(&machine(&["B", "C"]), &known(&["A", "B"])).unwrap();
        assert_eq!(new, [("C".to_owned(), 2)]);
        assert_eq!(codes.index(0), None);

        let gone: Vec<(String, u8)> = (0..64).map(|n| (format!("OLD{n}"), n)).collect();
        assert_eq!(
            EventTypeCodes::assign(&machine(&["B"]), &gone),
            Err(CodesExhausted)
        );
    }

    #[test]
    fn event_type_63_round_trips_through_signed_column() {
        let names: Vec<String> = (0..64).map(|n| format!("E{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let machine = machine(&names);
        let (codes, _) = EventTypeCodes::assign(&machine, &[]).unwrap();
        let state = machine.state_of(["E63", "E0"]).unwrap();
        assert_eq!(codes.decode(codes.encode(state)), Some(state));
        assert!(codes.encode(state) < 0);
    }
}
