//! Pins: the rules of a machine as one printable word, to be kept in the source.

use std::borrow::Cow;
use std::fmt;

use crate::base64;
use crate::machine::{EventRule, ReadRule};
use crate::{
    Accumulator, Clause, EventIndex, Fingerprint, Formula, MAX_CLAUSES, MAX_EVENT_TYPES, Machine,
    StateSet, Update,
};

/// Version of the text form.
const VERSION: u8 = 1;

/// Rules that were pinned: their fingerprint, and the rules themselves if the text holds them.
///
/// The text is the fingerprint's 16 hexadecimal digits, `:`, and the rules in base64url without
/// padding: the version 1, the machine's name, the number of event types, and of each the name, the
/// marks, the clauses, the two masks of the update, the required fields and, if a mark says that
/// there are any, the roles of writers. Who may read is not part of it, as it is not part of the
/// fingerprint. Numbers are LEB128; a mask is its bits shifted left by one, or with
/// the lowest bit set those of its complement; names are a length and UTF-8. Ten event types take
/// about 300 characters. The 16 digits alone are a pin too: it detects that the rules changed, but
/// not how.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec, Pin};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let pin = Pin::read(&machine.pin()).unwrap();
/// assert_eq!(pin.fingerprint(), machine.fingerprint());
/// assert!(machine.diff(pin.machine().unwrap()).is_empty());
/// assert!(Pin::read(&machine.fingerprint().to_string()).unwrap().machine().is_none());
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    fingerprint: Fingerprint,
    machine: Option<Machine>,
}

/// Reason why a text is not a [`Pin`].
///
/// ```
/// use eventsource_model::{Pin, PinError};
/// assert_eq!(Pin::read("cafe"), Err(PinError::Fingerprint));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// The text does not begin with 16 hexadecimal digits.
    Fingerprint,
    /// The text was written by a newer version of the toolkit.
    Version {
        /// Version in the text.
        actual: u8,
    },
    /// The text after the fingerprint is not what `Machine::pin` writes.
    Rules,
    /// The rules do not have the fingerprint that precedes them.
    Mismatch {
        /// Fingerprint in the text.
        expected: Fingerprint,
        /// Fingerprint of the rules.
        actual: Fingerprint,
    },
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint => f.write_str("it does not begin with 16 digits from 0 to f"),
            Self::Version { actual } => {
                write!(
                    f,
                    "its version is {actual}, and only {VERSION} is supported"
                )
            }
            Self::Rules => f.write_str("what follows the fingerprint is damaged"),
            Self::Mismatch { expected, actual } => {
                write!(
                    f,
                    "its fingerprint is {expected}, but that of its rules is {actual}"
                )
            }
        }
    }
}

impl std::error::Error for PinError {}

impl Pin {
    /// Parses the text of a pin.
    ///
    /// # Errors
    /// [`PinError`] if the text is damaged, with the part that is.
    pub fn read(text: &str) -> Result<Self, PinError> {
        let (digits, rules) = match text.split_once(':') {
            Some((digits, rules)) => (digits, Some(rules)),
            None => (text, None),
        };
        let fingerprint = Fingerprint::parse(digits).ok_or(PinError::Fingerprint)?;
        let machine = rules.map(read_rules).transpose()?;
        match &machine {
            Some(machine) if machine.fingerprint() != fingerprint => Err(PinError::Mismatch {
                expected: fingerprint,
                actual: machine.fingerprint(),
            }),
            _ => Ok(Self {
                fingerprint,
                machine,
            }),
        }
    }

    /// Returns the fingerprint of the rules.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Returns the rules, if the text holds them.
    ///
    /// The masks are those that were pinned; formulas and accumulators are equivalent to the masks,
    /// but not necessarily worded as the author wrote them.
    #[must_use]
    pub const fn machine(&self) -> Option<&Machine> {
        self.machine.as_ref()
    }
}

impl Machine {
    /// Writes the rules as one printable word for [`Pin::read`].
    ///
    /// Of a machine with unique fields it is the fingerprint alone.
    #[must_use]
    pub fn pin(&self) -> String {
        if !self.unique_fields().is_empty() {
            return self.fingerprint().to_string();
        }
        let mut out = PinWriter(vec![VERSION]);
        out.text(self.name());
        out.number(self.len() as u128);
        for (_, rule) in self.rules() {
            out.text(&rule.name);
            let marks = [
                rule.restarting,
                rule.auto_transition,
                rule.terminal,
                !rule.roles.is_empty(),
            ];
            let bits = marks
                .iter()
                .zip(0u8..)
                .map(|(mark, bit)| u8::from(*mark) << bit);
            out.0.push(bits.sum());
            let mut clauses = rule.clauses.to_vec();
            clauses.sort_unstable_by_key(|clause| (clause.all, clause.none));
            out.number(clauses.len() as u128);
            for clause in clauses {
                out.mask(clause.all);
                out.mask(clause.none);
            }
            out.mask(rule.update.keep);
            out.mask(rule.update.add);
            out.names(&rule.requires);
            if !rule.roles.is_empty() {
                out.names(&rule.roles);
            }
        }
        format!("{}:{}", self.fingerprint(), base64::encode(&out.0))
    }
}

struct PinWriter(Vec<u8>);

impl PinWriter {
    fn number(&mut self, mut number: u128) {
        while number > 0x7f {
            self.0.push(0x80 | (number & 0x7f).to_le_bytes()[0]);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn mask(&mut self, mask: StateSet) {
        let complement = mask.len() > 32;
        let bits = if complement {
            !mask.bits()
        } else {
            mask.bits()
        };
        self.number(u128::from(bits) << 1 | u128::from(complement));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u128);
        self.0.extend(text.bytes());
    }

    /// Writes a list of names, sorted: their order means nothing.
    fn names(&mut self, names: &[Cow<'static, str>]) {
        let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        names.sort_unstable();
        self.number(names.len() as u128);
        for name in names {
            self.text(name);
        }
    }
}

fn read_rules(text: &str) -> Result<Machine, PinError> {
    let bytes = base64::decode(text).ok_or(PinError::Rules)?;
    match bytes.split_first() {
        Some((&VERSION, rest)) => PinReader(rest).machine().ok_or(PinError::Rules),
        Some((version, _)) => Err(PinError::Version { actual: *version }),
        None => Err(PinError::Rules),
    }
}

struct PinReader<'a>(&'a [u8]);

impl PinReader<'_> {
    fn machine(mut self) -> Option<Machine> {
        let name = self.text()?;
        let count = self.count(MAX_EVENT_TYPES)?;
        let mut rules = Vec::with_capacity(count);
        for position in 0..count {
            rules.push(self.rule(EventIndex::new(position)?, count)?);
        }
        self.0
            .is_empty()
            .then(|| Machine::from_table(Cow::Owned(name), Cow::Owned(rules), ReadRule::OPEN))
    }

    fn rule(&mut self, event: EventIndex, count: usize) -> Option<EventRule> {
        let name = Cow::Owned(self.text()?);
        let marks = self.byte()?;
        let clauses = (0..self.count(MAX_CLAUSES)?)
            .map(|_| {
                Some(Clause {
                    all: self.mask()?,
                    none: self.mask()?,
                })
            })
            .collect::<Option<Vec<Clause>>>()?;
        let update = Update {
            keep: self.mask()?,
            add: self.mask()?,
        };
        let requires = self.names()?;
        let roles = if marks & 8 != 0 {
            self.names()?
        } else {
            Vec::new()
        };
        let members: StateSet = (0..count).filter_map(EventIndex::new).collect();
        let known = |mask: StateSet| members.contains_all(mask);
        let sound = clauses.iter().all(|clause| {
            known(clause.all) && (known(clause.none) || clause.none == StateSet::ALL)
        });
        (sound && known(update.add) && marks < 16).then(|| EventRule {
            name,
            follows: formula(&clauses),
            clauses: Cow::Owned(clauses),
            accumulate: accumulator(event, members, update),
            update,
            restarting: marks & 1 != 0,
            auto_transition: marks & 2 != 0,
            terminal: marks & 4 != 0,
            requires: Cow::Owned(requires),
            roles: Cow::Owned(roles),
            readers: Cow::Borrowed(&[]),
            internal: false,
            rejection: false,
            timer: None,
        })
    }

    fn names(&mut self) -> Option<Vec<Cow<'static, str>>> {
        (0..self.count(usize::from(u16::MAX))?)
            .map(|_| self.text().map(Cow::Owned))
            .collect()
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u128> {
        let mut number = 0;
        // A mask has 65 bits.
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn count(&mut self, most: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= most).then_some(count)
    }

    fn mask(&mut self) -> Option<StateSet> {
        let number = self.number()?;
        let bits = u64::try_from(number >> 1).ok()?;
        Some(StateSet::from_bits(if number & 1 == 1 {
            !bits
        } else {
            bits
        }))
    }

    fn text(&mut self) -> Option<String> {
        let len = self.count(self.0.len())?;
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

/// Builds a formula that compiles to these clauses.
fn formula(clauses: &[Clause]) -> Formula {
    let mut ways: Vec<Formula> = clauses.iter().map(|clause| conjunction(*clause)).collect();
    match (ways.len(), ways.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            ways.extend(last);
            Formula::any_of(ways)
        }
    }
}

fn conjunction(clause: Clause) -> Formula {
    let mut operands: Vec<Formula> = clause.all.iter().map(Formula::Event).collect();
    if clause.none == StateSet::ALL {
        operands.push(Formula::Nothing);
    } else {
        operands.extend(
            clause
                .none
                .iter()
                .map(|event| Formula::but_not(Formula::Event(event))),
        );
    }
    match (operands.len(), operands.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            operands.extend(last);
            Formula::all_of(operands)
        }
    }
}

/// Builds an accumulator with these masks.
fn accumulator(event: EventIndex, members: StateSet, update: Update) -> Accumulator {
    let added: Vec<EventIndex> = update.add.iter().collect();
    let dropped: Vec<EventIndex> = members.difference(update.keep).iter().collect();
    let simple = [Accumulator::Current, Accumulator::Keep, Accumulator::Union];
    let alias = added.first().map(|first| Accumulator::Alias(*first));
    let several = [
        Accumulator::Addition(added.clone().into()),
        Accumulator::Difference(dropped.clone().into()),
        Accumulator::Compose(Cow::Owned(vec![
            Accumulator::Current,
            Accumulator::Difference(vec![event].into()),
            Accumulator::Addition(added.clone().into()),
        ])),
    ];
    let mut known = simple.into_iter().chain(alias).chain(several);
    known
        .find(|accumulator| accumulator.update(event) == update)
        .unwrap_or_else(|| {
            Accumulator::Compose(Cow::Owned(vec![
                Accumulator::Difference(dropped.into()),
                Accumulator::Addition(added.into()),
            ]))
        })
}
