//! The machine as SQL constraints, and the numbers that stored
//! event types have.

use std::fmt::Write;

use eventsource_model::{EventIndex, EventRule, Machine, StateSet};

/// The number of each event type in the database.
///
/// A position in the enum changes when someone reorders it; a number, once given to a name, never
/// does, and never goes to another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// By event index.
    by_index: Vec<u8>,
    /// Whether numbers and indexes are the same.
    identity: bool,
    /// A bit for each number.
    known: u64,
}

/// More names than numbers: 64 were given to event types that are gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NumbersExhausted;

impl Numbers {
    /// Gives each event type the number it has, and the new ones the next free numbers; returns
    /// the new ones beside it.
    pub(crate) fn assign(
        machine: &Machine,
        known: &[(String, u8)],
    ) -> Result<(Self, Vec<(String, u8)>), NumbersExhausted> {
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
                        return Err(NumbersExhausted);
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
        let numbers = Self {
            by_index,
            identity,
            known,
        };
        Ok((numbers, new))
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

/// The condition on a row that its event type is legal from `prior_state` and that `state` is its
/// accumulation.
pub(crate) fn rules_check(machine: &Machine, numbers: &Numbers) -> String {
    let mut sql = String::from("CASE event_type");
    for (event, rule) in machine.rules() {
        // Writing into a string cannot fail.
        let _ = write!(
            sql,
            "\n        WHEN {number} THEN {condition} -- {name}",
            number = numbers.number(event),
            condition = condition(rule, numbers),
            name = one_line(&rule.name),
        );
    }
    sql.push_str("\n        ELSE FALSE END");
    sql
}

/// That the event type is legal from `prior_state`, and that `state` is its accumulation.
fn condition(rule: &EventRule, numbers: &Numbers) -> String {
    let clauses: Vec<String> = rule
        .clauses
        .iter()
        .map(
            |clause| match (numbers.mask(clause.all), numbers.mask(clause.none)) {
                (0, 0) => "TRUE".to_owned(),
                (0, -1) => "prior_state = 0".to_owned(),
                (all, 0) => format!("(prior_state & {all}) = {all}"),
                (0, none) => format!("(prior_state & {none}) = 0"),
                (all, none) => {
                    format!("(prior_state & {all}) = {all} AND (prior_state & {none}) = 0")
                }
            },
        )
        .collect();
    let follows = match clauses.as_slice() {
        [] => "FALSE".to_owned(),
        [one] => one.clone(),
        many => format!("({})", many.join(" OR ")),
    };
    let after = match (
        numbers.mask(rule.update.keep),
        numbers.mask(rule.update.add),
    ) {
        (0, add) => add.to_string(),
        (-1, 0) => "prior_state".to_owned(),
        (-1, add) => format!("prior_state | {add}"),
        (keep, 0) => format!("prior_state & {keep}"),
        (keep, add) => format!("(prior_state & {keep}) | {add}"),
    };
    format!("{follows} AND state = {after}")
}

/// The same for Postgres, which reads the text of a condition again for each statement that inserts:
/// what is looked up by the event type's number in an array takes a fraction of a long `CASE`.
///
/// A state follows if, of the bits that matter, it has exactly those that it must have; if there are
/// several ways, each has its arrays. An event type that has fewer ways has the last one twice.
#[cfg(feature = "postgres")]
pub(crate) fn rules_check_by_number(machine: &Machine, numbers: &Numbers) -> String {
    let mut by_number: Vec<_> = machine
        .rules()
        .map(|(event, rule)| (numbers.number(event), rule))
        .collect();
    by_number.sort_unstable_by_key(|(number, _)| *number);
    let ways = by_number.iter().map(|(_, rule)| rule.clauses.len().max(1));
    let (most, all): (usize, usize) =
        ways.fold((0, 0), |(most, all), ways| (most.max(ways), all + ways));
    // Nearly all of the arrays would be repetition.
    if most > 4 && most * by_number.len() > 2 * all {
        return rules_check(machine, numbers);
    }
    let last = by_number.last().map_or(0, |(number, _)| *number);
    let array = |value: &dyn Fn(&EventRule) -> i64| {
        let values: Vec<String> = (0..=last)
            .map(|number| {
                let rule = by_number.iter().find(|(known, _)| *known == number);
                rule.map_or_else(|| "NULL".to_owned(), |(_, rule)| value(rule).to_string())
            })
            .collect();
        format!(
            "('[0:{last}]={{{}}}'::bigint[])[event_type]",
            values.join(",")
        )
    };
    let follows: Vec<String> = (0..most)
        .map(|way| {
            // The bits that matter, and those of them that must be.
            let clause = |rule: &EventRule| {
                let clause = rule.clauses.get(way).or(rule.clauses.last());
                clause.map_or((0, 1), |clause| {
                    let (has, lacks) = (numbers.mask(clause.all), numbers.mask(clause.none));
                    (has | lacks, has)
                })
            };
            format!(
                "prior_state & {} = {}",
                array(&|rule| clause(rule).0),
                array(&|rule| clause(rule).1)
            )
        })
        .collect();
    let keep = array(&|rule| numbers.mask(rule.update.keep));
    let add = array(&|rule| numbers.mask(rule.update.add));
    let legend: String = by_number
        .iter()
        .map(|(number, rule)| {
            let (name, condition) = (one_line(&rule.name), condition(rule, numbers));
            format!("\n        -- {number} {name}: {condition}")
        })
        .collect();
    // An event type that is not there has no element, and NULL would do.
    format!(
        "coalesce({legend}\n        ({})\n        AND state = (prior_state & {keep}) | {add}, FALSE)",
        follows.join("\n            OR "),
    )
}

/// A name as a comment may have it.
fn one_line(name: &str) -> String {
    name.replace(['\n', '\r'], " ")
}

/// The condition on a row that its version goes on from the one before.
pub(crate) fn version_check(machine: &Machine, numbers: &Numbers) -> String {
    let restarting: Vec<String> = machine
        .rules()
        .filter(|(_, rule)| rule.restarting)
        .map(|(event, _)| numbers.number(event).to_string())
        .collect();
    let begins = match restarting.as_slice() {
        [] => String::new(),
        numbers => format!(
            " + CASE WHEN event_type IN ({}) THEN 1 ELSE 0 END",
            numbers.join(", ")
        ),
    };
    format!("seq = 1 OR version = prior_version{begins}")
}

/// For each required field, the condition on a row that it has a value: `(field, condition)`.
pub(crate) fn required_checks(machine: &Machine, numbers: &Numbers) -> Vec<(String, String)> {
    machine
        .required_fields()
        .into_iter()
        .map(|field| {
            let requiring: Vec<String> = machine
                .requiring(field)
                .into_iter()
                .map(|event| numbers.number(event).to_string())
                .collect();
            let condition = format!(
                "event_type NOT IN ({}) OR data ->> '{}' IS NOT NULL",
                requiring.join(", "),
                field.replace('\'', "''"),
            );
            (field.to_owned(), condition)
        })
        .collect()
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
        let (numbers, new) = Numbers::assign(&machine(&["A", "B", "C"]), &[]).unwrap();
        assert_eq!((new, numbers.identity), (known(&["A", "B", "C"]), true));

        let reordered = machine(&["C", "NEW", "A", "B"]);
        let (numbers, new) = Numbers::assign(&reordered, &known(&["A", "B", "C"])).unwrap();
        assert_eq!(new, [("NEW".to_owned(), 3)]);
        let state = reordered.state_of(["C", "B"]).unwrap();
        assert_eq!(numbers.encode(state), 0b110);
        assert_eq!(numbers.decode(0b110), Some(state));
        assert_eq!(numbers.decode(0b1_0000), None);
        assert_eq!(numbers.index(3), reordered.index_of("NEW"));
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let (numbers, new) = Numbers::assign(&machine(&["B", "C"]), &known(&["A", "B"])).unwrap();
        assert_eq!(new, [("C".to_owned(), 2)]);
        assert_eq!(numbers.index(0), None);

        let gone: Vec<(String, u8)> = (0..64).map(|n| (format!("OLD{n}"), n)).collect();
        assert_eq!(
            Numbers::assign(&machine(&["B"]), &gone),
            Err(NumbersExhausted)
        );
    }

    #[test]
    fn the_highest_bit_is_a_bit_like_any_other() {
        let names: Vec<String> = (0..64).map(|n| format!("E{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let machine = machine(&names);
        let (numbers, _) = Numbers::assign(&machine, &[]).unwrap();
        let state = machine.state_of(["E63", "E0"]).unwrap();
        assert_eq!(numbers.decode(numbers.encode(state)), Some(state));
        assert!(numbers.encode(state) < 0);
    }
}
