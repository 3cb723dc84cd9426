//! Fingerprint of a machine's rules, to notice when they change.

use std::fmt::{self, Write};

use crate::{Clause, Machine};

/// Hash of a machine's rules: equal for equal names, order and masks.
///
/// Formulas that compile to the same clauses, such as `A | B` and `any_of(B, A)`, have the same
/// fingerprint. Who may read, and which events are internal, are not part of it: a database does not
/// enforce them. With 64 bits of FNV-1a it detects mistakes, not attacks.
///
/// ```
/// use eventsource_model::{EventSpec, Machine, MachineSpec};
///
/// let one = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT")]))?;
/// let other = Machine::compile(&MachineSpec::new("light", [EventSpec::new("LIT").restarting()]))?;
/// assert_eq!(one.fingerprint(), one.clone().fingerprint());
/// assert_ne!(one.fingerprint(), other.fingerprint());
/// assert_eq!(one.fingerprint().to_string().len(), 16);
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Fingerprint {
    /// Parses the text that `Display` writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl Machine {
    /// Computes the fingerprint of the machine's rules.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        // Writing into the hash cannot fail.
        let _ = self.write_rules(&mut hash);
        Fingerprint(hash.0)
    }

    fn write_rules(&self, out: &mut impl Write) -> fmt::Result {
        writeln!(out, "{}", self.name())?;
        // Only if there are any, so that machines without keep their fingerprint.
        for field in self.unique_fields() {
            write!(out, "unique\0{}", field.name)?;
            for (event, from) in field.set_by.iter() {
                write!(out, "\0{} {from}", self.name_of(*event))?;
            }
            writeln!(out)?;
        }
        for (_, rule) in self.rules() {
            write!(out, "{}\0follows", rule.name)?;
            let mut clauses: Vec<&Clause> = rule.clauses.iter().collect();
            clauses.sort_unstable_by_key(|clause| (clause.all, clause.none));
            for clause in clauses {
                write!(out, " {:x}/{:x}", clause.all.bits(), clause.none.bits())?;
            }
            write!(
                out,
                "\0state {:x}/{:x}\0{}{}{}\0requires",
                rule.update.keep.bits(),
                rule.update.add.bits(),
                u8::from(rule.restarting),
                u8::from(rule.auto_transition),
                u8::from(rule.terminal),
            )?;
            let mut required: Vec<&str> = rule.requires.iter().map(AsRef::as_ref).collect();
            required.sort_unstable();
            for field in required {
                write!(out, " {field}")?;
            }
            // Only if there are any, so that machines without roles keep their fingerprint.
            let mut roles: Vec<&str> = rule.roles.iter().map(AsRef::as_ref).collect();
            roles.sort_unstable();
            for role in roles {
                write!(out, "\0by {role}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}
