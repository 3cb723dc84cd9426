//! TODO

use eventsource_model::{EventIndex, Machine, StateSet};

/// The number of each event type in the database.
///
/// A position in the enum changes when someone reorders it; a number, once given to a name, never
/// does, and never goes to another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventTypeCodes {
    /// By event index.
    by_index: Vec<u8>,
    /// Whether numbers and indexes are the same.
    identity: bool,
    /// A bit for each number.
    known: u64,
}

/// More names than numbers: 64 were given to event types that are gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CodesExhausted;

impl EventTypeCodes {
    /// Gives each event type the number it has, and the new ones the next free numbers; returns
    /// the new ones beside it.
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

    pub(crate) fn number(&self, event: EventIndex) -> i16 {
        i16::from(self.by_index[event.get()])
    }

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

    /// The state as the database holds it. Columns are signed; the bits are the same.
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

    /// The state as the program holds it, or `None` if it has event types that the program has not.
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

    /// The bits that are no event type of the program.
    #[cfg(feature = "postgres")]
    pub(crate) fn unknown(&self) -> i64 {
        (!self.known).cast_signed()
    }

    /// A mask as the database holds it. [`StateSet::ALL`] stays all bits, so that it reads as such.
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
    fn a_number_stays_with_its_name_when_the_enum_is_reordered() {
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
    fn a_number_is_never_given_twice() {
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
    fn the_highest_bit_is_a_bit_like_any_other() {
        let names: Vec<String> = (0..64).map(|n| format!("E{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let machine = machine(&names);
        let (codes, _) = EventTypeCodes::assign(&machine, &[]).unwrap();
        let state = machine.state_of(["E63", "E0"]).unwrap();
        assert_eq!(codes.decode(codes.encode(state)), Some(state));
        assert!(codes.encode(state) < 0);
    }
}
